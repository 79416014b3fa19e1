declare namespace App {
  interface Locals {
    /** How this reader wants pages to look. */
    preferences: import('./lib/preferences').Preferences;
    /** Whether drafts are shown in the place of what is public. */
    isPreview: boolean;
  }
}
