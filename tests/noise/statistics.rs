//! Chi-square over bytes, as deviations from what noise gives.

/// Standard deviations beyond which something is no noise.
pub(super) const LIMIT: f64 = 8.0;

const VALUES: usize = 256;
/// Degrees of freedom of bytes.
const FREE: f64 = 255.0;

/// How often each byte occurs.
pub(super) struct Histogram([u64; VALUES]);

impl Histogram {
    pub(super) fn of<'a>(bytes: impl Iterator<Item = &'a u8>) -> Self {
        let mut counts = [0; VALUES];
        bytes.for_each(|byte| counts[usize::from(*byte)] += 1);
        Self(counts)
    }

    fn total(&self) -> f64 {
        self.0.iter().sum::<u64>() as f64
    }

    /// Pearson's statistic against an even distribution.
    pub(super) fn chi_square(&self) -> f64 {
        let expected = self.total() / VALUES as f64;
        self.0.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum()
    }

    /// How far the number of ones among the bits is from half of them.
    pub(super) fn ones(&self) -> f64 {
        let ones: u64 = (0u32..).zip(&self.0).map(|(byte, count)| u64::from(byte.count_ones()) * count).sum();
        let bits = 8.0 * self.total();
        (ones as f64 - bits / 2.0) / (bits / 4.0).sqrt()
    }
}

/// A chi-square of bytes as deviations of a normal distribution (Wilson and Hilferty 1931).
pub(super) fn deviation(chi_square: f64) -> f64 {
    let spread = 2.0 / (9.0 * FREE);
    ((chi_square / FREE).cbrt() - (1.0 - spread)) / spread.sqrt()
}

/// The chi-squares of objects, each by itself, summed up.
pub(super) fn deviation_of_sum(objects: &[&[u8]]) -> f64 {
    let sum: f64 = objects.iter().map(|bytes| Histogram::of(bytes.iter()).chi_square()).sum();
    let free = FREE * objects.len() as f64;
    (sum - free) / (2.0 * free).sqrt()
}

#[test]
fn an_even_distribution_and_a_known_quantile_are_where_tables_have_them() {
    let even: Vec<u8> = (0..=255).collect();
    assert!(Histogram::of(even.iter()).chi_square().abs() < 1e-9);
    // 310.457 is the quantile 0.99 of 255 degrees of freedom, 2.326 that of a normal distribution.
    assert!((deviation(310.457) - 2.326).abs() < 0.01, "{}", deviation(310.457));
    assert!(Histogram::of([0u8, 0xff].iter()).ones().abs() < 1e-9);
}
