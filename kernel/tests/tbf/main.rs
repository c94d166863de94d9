//! What the kernel makes of images in Tock Binary Format, well-formed and not.

mod bundle;
mod elements;
mod everything;
mod footers;
mod malformed;
mod properties;
