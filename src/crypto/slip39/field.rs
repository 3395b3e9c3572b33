//! Polynomials over GF(2^8), x^8 + x^4 + x^3 + x + 1, in time that depends on no secret. SLIP-0039, "Polynomial
//! interpolation".

use zeroize::Zeroizing;

/// A point of a polynomial: a share's place, which is public, and its value.
pub(super) type Point<'a> = (u8, &'a [u8]);

/// The product in the field.
fn multiply(a: u8, b: u8) -> u8 {
    const REDUCTION: u8 = 0x1b;
    let (mut a, mut product) = (a, 0);
    for bit in 0..8 {
        product ^= a & mask(b >> bit);
        a = (a << 1) ^ (REDUCTION & mask(a >> 7));
    }
    product
}

/// All ones if the lowest bit is one.
fn mask(bit: u8) -> u8 {
    (bit & 1).wrapping_neg()
}

/// `a^254`, the inverse of everything but 0.
fn invert(a: u8) -> u8 {
    let square = |x| multiply(x, x);
    // 254 is seven ones and a zero.
    (0..6).fold(square(a), |power, _| square(multiply(power, a)))
}

/// The value at `x` of the polynomial of least degree through `points`, whose places differ and whose values are
/// equally long.
pub(super) fn interpolate(points: &[Point<'_>], x: u8) -> Zeroizing<Vec<u8>> {
    let length = points.first().map_or(0, |(_, value)| value.len());
    let mut sum = Zeroizing::new(vec![0; length]);
    for (place, value) in points {
        let others = points.iter().map(|(other, _)| *other).filter(|other| other != place);
        let weight =
            others.fold(1, |weight, other| multiply(weight, multiply(x ^ other, invert(place ^ other))));
        for (sum, byte) in sum.iter_mut().zip(value.iter()) {
            *sum ^= multiply(weight, *byte);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_field_of_aes() {
        // FIPS 197, section 4.2.
        assert_eq!(multiply(0x57, 0x83), 0xc1);
        assert_eq!(multiply(0x57, 0x13), 0xfe);
        for a in 1..=255 {
            assert_eq!(multiply(a, invert(a)), 1, "{a}");
        }
    }

    #[test]
    fn a_line_through_two_points() {
        // f(x) = 7 + 5x
        let f = |x| [7 ^ multiply(5, x)];
        let (one, two) = (f(1), f(200));
        for x in 0..=255 {
            assert_eq!(**interpolate(&[(1, &one), (200, &two)], x), f(x));
        }
    }
}
