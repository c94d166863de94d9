//! Counts the primes below some limits, with a sieve on the heap, until there is no room for one.
#![cfg_attr(target_os = "none", no_std, no_main)]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;

use capsa::{println, process};

capsa::app!(main);

fn main() {
    let name = process::name();
    for limit in [10, 100, 1000, 10_000] {
        match count_below(limit) {
            Some(count) => println!("{name}: {count} primes are below {limit}"),
            None => println!("{name}: there is no room for a sieve of {limit}"),
        }
    }
}

/// How many primes are below `limit`, or `None` where the heap has no room for a byte each.
fn count_below(limit: usize) -> Option<usize> {
    let mut is_prime = Vec::new();
    is_prime.try_reserve_exact(limit).ok()?;
    is_prime.resize(limit, true);
    let mut count = 0;
    for number in 2..limit {
        if is_prime[number] {
            count += 1;
            is_prime
                .iter_mut()
                .step_by(number)
                .for_each(|multiple| *multiple = false);
        }
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_are_counted() {
        assert_eq!(count_below(10), Some(4));
        assert_eq!(count_below(1000), Some(168));
    }

    #[test]
    fn a_sieve_that_does_not_fit_is_no_panic() {
        assert_eq!(count_below(usize::MAX), None);
    }
}
