//! Counts of clock ticks, of any width. They wrap.

use super::Frequency;
use core::fmt;

/// A count of ticks as wide as the counter that makes it.
pub trait Ticks: Clone + Copy + From<u32> + fmt::Debug + Ord + PartialOrd + Eq {
    /// The counter's width in bits: it counts to `2^width - 1` and goes on at 0.
    fn width() -> u32;

    /// The low bits, as a `usize`.
    fn into_usize(self) -> usize;

    /// The low bits, as a `u32`.
    fn into_u32(self) -> u32;

    /// By how many bits a narrower count is shifted left to wrap where a `usize` does.
    fn usize_padding() -> u32 {
        usize::BITS.saturating_sub(Self::width())
    }

    /// The count shifted left so that it wraps where a `usize` does.
    fn into_usize_left_justified(self) -> usize {
        self.into_usize() << Self::usize_padding()
    }

    /// The frequency that the count of [`Ticks::into_usize_left_justified`] has.
    fn usize_left_justified_scale_freq<F: Frequency>() -> u32 {
        F::frequency() << Self::usize_padding()
    }

    /// By how many bits a narrower count is shifted left to wrap where a `u32` does.
    fn u32_padding() -> u32 {
        u32::BITS.saturating_sub(Self::width())
    }

    /// The count shifted left so that it wraps where a `u32` does.
    fn into_u32_left_justified(self) -> u32 {
        self.into_u32() << Self::u32_padding()
    }

    /// The frequency that the count of [`Ticks::into_u32_left_justified`] has.
    fn u32_left_justified_scale_freq<F: Frequency>() -> u32 {
        F::frequency() << Self::u32_padding()
    }

    /// The sum, wrapping as the counter does.
    fn wrapping_add(self, other: Self) -> Self;

    /// The difference, wrapping as the counter does.
    fn wrapping_sub(self, other: Self) -> Self;

    /// Whether a counter that starts at `start` reaches this count before `end`.
    fn within_range(self, start: Self, end: Self) -> bool;

    /// The largest count.
    fn max_value() -> Self;

    /// Half of the counter's range.
    fn half_max_value() -> Self;

    /// `val`, or the largest count if that is less.
    fn from_or_max(val: u64) -> Self;

    /// `self * numerator / denominator`, or the largest `u32` if that is less.
    fn saturating_scale(self, numerator: u32, denominator: u32) -> u32;
}

macro_rules! ticks {
    ($($(#[$doc:meta])* $name:ident: $bits:literal bits in $int:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name($int);

        impl $name {
            const LARGEST: $int = $int::MAX >> ($int::BITS - $bits);
        }

        impl From<u32> for $name {
            fn from(val: u32) -> Self {
                Self(val as $int & Self::LARGEST)
            }
        }

        impl Ticks for $name {
            fn width() -> u32 {
                $bits
            }

            fn into_usize(self) -> usize {
                self.0 as usize
            }

            fn into_u32(self) -> u32 {
                self.0 as u32
            }

            fn wrapping_add(self, other: Self) -> Self {
                Self(self.0.wrapping_add(other.0) & Self::LARGEST)
            }

            fn wrapping_sub(self, other: Self) -> Self {
                Self(self.0.wrapping_sub(other.0) & Self::LARGEST)
            }

            fn within_range(self, start: Self, end: Self) -> bool {
                self.wrapping_sub(start) < end.wrapping_sub(start)
            }

            fn max_value() -> Self {
                Self(Self::LARGEST)
            }

            fn half_max_value() -> Self {
                Self(Self::LARGEST / 2 + 1)
            }

            fn from_or_max(val: u64) -> Self {
                Self($int::try_from(val).map_or(Self::LARGEST, |val| val.min(Self::LARGEST)))
            }

            fn saturating_scale(self, numerator: u32, denominator: u32) -> u32 {
                let product = u64::from(self.0).saturating_mul(u64::from(numerator));
                u32::try_from(product / u64::from(denominator)).unwrap_or(u32::MAX)
            }
        }
    )*};
}

ticks! {
    /// A 16-bit count.
    Ticks16: 16 bits in u16;
    /// A 24-bit count.
    Ticks24: 24 bits in u32;
    /// A 32-bit count.
    Ticks32: 32 bits in u32;
    /// A 64-bit count.
    Ticks64: 64 bits in u64;
}

impl Ticks24 {
    /// The bits that the count has.
    pub const MASK: u32 = Self::LARGEST;
}

impl Ticks16 {
    /// The count.
    pub fn into_u16(self) -> u16 {
        self.0
    }
}

impl From<u16> for Ticks16 {
    fn from(val: u16) -> Self {
        Self(val)
    }
}

impl Ticks64 {
    /// The count.
    pub fn into_u64(self) -> u64 {
        self.0
    }
}

impl From<u64> for Ticks64 {
    fn from(val: u64) -> Self {
        Self(val)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hil::time::Freq1KHz;

    #[test]
    fn a_count_wraps_at_its_own_width() {
        let last = Ticks24::max_value();
        assert_eq!(last.wrapping_add(1.into()), 0.into());
        assert_eq!(Ticks24::from(0).wrapping_sub(1.into()), last);
        assert_eq!(Ticks24::from(0x0100_0001), 1.into());
        assert_eq!(Ticks24::half_max_value(), 0x0080_0000.into());
    }

    #[test]
    fn a_range_is_judged_right_across_the_wrap() {
        let (start, end) = (Ticks16::from(65_000u32), Ticks16::from(100u32));
        assert!(Ticks16::from(65_001u32).within_range(start, end));
        assert!(Ticks16::from(99u32).within_range(start, end));
        assert!(!end.within_range(start, end));
        assert!(!Ticks16::from(64_999u32).within_range(start, end));
    }

    #[test]
    fn a_left_justified_count_wraps_where_32_bits_do() {
        assert_eq!(Ticks24::from(1).into_u32_left_justified(), 0x100);
        assert_eq!(
            Ticks24::u32_left_justified_scale_freq::<Freq1KHz>(),
            256_000
        );
        assert_eq!(
            Ticks64::from(0x1_2345_6789_u64).into_u32_left_justified(),
            0x2345_6789
        );
        assert_eq!(Ticks64::from(7_u64).into_usize_left_justified(), 7);
    }

    #[test]
    fn scaling_never_overflows() {
        assert_eq!(Ticks64::max_value().saturating_scale(u32::MAX, 1), u32::MAX);
        assert_eq!(Ticks16::from(10u16).saturating_scale(3, 4), 7);
        assert_eq!(Ticks16::from_or_max(70_000).into_u16(), u16::MAX);
    }
}
