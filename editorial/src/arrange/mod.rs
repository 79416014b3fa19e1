//! Acts on authorities, sites and columns.
