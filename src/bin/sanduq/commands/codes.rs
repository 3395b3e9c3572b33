//! Codes as they are shown: bare, or longer where another case here has the same.

use std::collections::HashSet;

use sanduq::crypto::{case_code, case_digest};
use sanduq::record::{CaseCode, CaseId};
use sanduq::vault::Vault;

use crate::failure::Failure;

/// From this many cases on, one reading of all is cheaper than a look at each.
const MANY: usize = 200;

/// The codes that several cases have.
pub(super) struct Codes(HashSet<CaseCode>);

impl Codes {
    /// Compares these cases with each other.
    pub(super) fn among(cases: impl IntoIterator<Item = CaseId>) -> Self {
        let mut seen = HashSet::new();
        let codes = cases.into_iter().map(|case| case_code(&case));
        Self(codes.filter(|code| !seen.insert(code.clone())).collect())
    }

    /// Compares these cases with all that are in a vault.
    pub(super) fn in_vault(vault: &Vault, cases: &[CaseId]) -> Result<Self, Failure> {
        if cases.len() >= MANY {
            return Ok(Self::among(vault.cases()?.iter().map(|view| view.case)));
        }
        let codes = cases.iter().map(case_code);
        Ok(Self(codes.filter(|code| vault.find(code).is_err()).collect()))
    }

    /// The code that names a case alone.
    pub(super) fn of(&self, case: &CaseId) -> String {
        let bare = case_code(case);
        let code = if self.0.contains(&bare) { CaseCode::long(&case_digest(case), 1) } else { bare };
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_that_two_cases_have_are_shown_long() {
        let (one, other) = (CaseId::new([1; 16]), CaseId::new([2; 16]));
        let codes = Codes::among([one, other, one]);
        assert_eq!(codes.of(&other), case_code(&other).to_string());
        assert!(codes.of(&one).len() > case_code(&one).to_string().len());
    }
}
