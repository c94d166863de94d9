//! Cryptography with a key for everybody and a key for one.

pub mod keys;
pub mod rsa_math;
pub mod signature;
