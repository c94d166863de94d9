//! Mathematics that `core` has not.

use core::f32::consts::{LN_10, LOG10_2, SQRT_2};

/// The stored bits of the fraction of an `f32`.
const FRACTION_BITS: u32 = 23;

/// What is added to the exponent of an `f32` before it is stored.
const EXPONENT_BIAS: i32 = 127;

/// The logarithm of `x` to the base 10, to within a few units of the last place.
///
/// As in IEEE 754: minus infinity for 0, not a number for what is less.
pub fn log10(x: f32) -> f32 {
    if x.is_nan() || x < 0.0 {
        return f32::NAN;
    }
    if x == 0.0 {
        return f32::NEG_INFINITY;
    }
    if x.is_infinite() {
        return x;
    }
    let (fraction, exponent) = split(x);
    exponent as f32 * LOG10_2 + ln_near_one(fraction) / LN_10
}

/// The fraction, from the root of one half to the root of two, and the exponent with which
/// `x = fraction * 2^exponent`. `x` is positive and finite.
fn split(x: f32) -> (f32, i32) {
    // A subnormal number has an exponent that is not stored: make it a normal one.
    let (x, lift) = if x.is_normal() {
        (x, 0)
    } else {
        (x * (1 << FRACTION_BITS) as f32, FRACTION_BITS as i32)
    };
    let exponent = (x.to_bits() >> FRACTION_BITS) as i32 - EXPONENT_BIAS;
    let one = (EXPONENT_BIAS as u32) << FRACTION_BITS;
    let fraction = f32::from_bits(x.to_bits() & ((1 << FRACTION_BITS) - 1) | one);
    if fraction > SQRT_2 {
        (fraction / 2.0, exponent - lift + 1)
    } else {
        (fraction, exponent - lift)
    }
}

/// The natural logarithm, by the series `ln x = 2 (t + t^3 / 3 + t^5 / 5 + ...)`, `t = (x - 1) / (x + 1)`.
/// From the root of one half to the root of two, `t` is at most 0.172 and the terms left out are less than
/// 1e-9 of the sum.
fn ln_near_one(x: f32) -> f32 {
    let t = (x - 1.0) / (x + 1.0);
    let square = t * t;
    let tail = square * (1.0 / 3.0 + square * (1.0 / 5.0 + square * (1.0 / 7.0 + square / 9.0)));
    2.0 * (t + t * tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_has_no_logarithm_has_ieee_754s_answer() {
        assert_eq!(log10(0.0), f32::NEG_INFINITY);
        assert_eq!(log10(f32::INFINITY), f32::INFINITY);
        assert!(log10(-1.0).is_nan());
        assert!(log10(f32::NAN).is_nan());
    }

    proptest! {
        #[test]
        fn the_logarithm_is_that_of_the_host(bits in 1..f32::INFINITY.to_bits()) {
            let x = f32::from_bits(bits);
            let expected = f64::from(x).log10();
            let error = (f64::from(log10(x)) - expected).abs();
            prop_assert!(error <= 4e-7 * expected.abs().max(0.1), "log10({x}): {}", log10(x));
        }

        #[test]
        fn near_one_the_logarithm_is_as_precise(x in 0.5_f32..2.0) {
            let expected = f64::from(x).log10();
            let error = (f64::from(log10(x)) - expected).abs();
            prop_assert!(error <= 4e-7 * expected.abs() + 2e-8, "log10({x}): {}", log10(x));
        }
    }
}
