declare namespace App {
  interface Locals {
    /** How this reader wants pages to look. */
    preferences: import('./lib/preferences').Preferences;
  }
}
