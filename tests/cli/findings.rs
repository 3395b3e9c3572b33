//! What three hospitals found, and what was paid: each as it was said, beside the others.

use crate::support::program::Home;

fn finding(id: &str, hospital: &str, degree: &str, date: &str, description: &str) -> String {
    format!(
        r#"{{"finding": {{"id": "{id}", "patient": "P1", "kind": "physical", "degree": "{degree}", "clinician": "SRC-7",
            "date": {{"edtf": "{date}"}}, "place": {{"said": "{hospital}", "level": "settlement"}}, "description": "{description}"}}}}"#
    )
}

/// Fails when a later finding takes the place of an earlier one, or a degree is not said of each.
#[test]
fn findings_of_three_hospitals_stand_beside_each_other() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    for (part, form) in [
        ("medical/first", finding("F1", "облыстық аурухана", "consistent", "2023-11-17", "көгерген")),
        (
            "medical/second",
            finding("F1", "городская больница", "highly_consistent", "2023-11-20", "перелом шестого ребра"),
        ),
        ("medical/third", finding("F1", "市医院", "typical_of", "2023-12", "肾损伤")),
    ] {
        home.run_with(&["put", &code, part, "--form", "-"], form).succeeds();
    }
    let page = home.run(&["show", &code]).succeeds().out;
    for (part, degree, found) in [
        ("first", "consistent with what is alleged", "көгерген"),
        ("second", "highly consistent with what is alleged", "перелом шестого ребра"),
        ("third", "typical of what is alleged", "肾损伤"),
    ] {
        let lines = format!("== medical/{part} ==\nrevision 1 of 1, by you");
        assert!(page.contains(&lines), "{page}");
        assert!(page.contains(&format!("| MEDICAL FINDINGS\n|   F1, physical, of P1: {degree}\n")), "{page}");
        assert!(page.contains(found), "{page}");
    }
    let dates = home.json(&["timeline", &code], "")["dates"].clone();
    let told = |at: usize| (dates[at]["text"].as_str(), dates[at]["order"].as_str());
    assert_eq!(told(0), (Some("көгерген"), None));
    assert_eq!(told(1), (Some("перелом шестого ребра"), Some("certain")));
    assert_eq!(told(2), (Some("肾损伤"), Some("certain")));
    let page = home.run(&["timeline", &code, "--conflicts"]).succeeds().out;
    assert!(page.contains("no accounts differ"), "a later finding is none that differs: {page}");
}

/// Fails when an amount or its conversion is computed, rounded or written otherwise than it was said.
#[test]
fn amounts_and_their_conversions_stay_as_they_were_said() {
    let home = Home::with_cheap_vault();
    let code = home.new_case();
    let form = r#"{"event": {"id": "V1", "type_of_act": ["extortion", "0110"], "method_of_violence": ["beating"]},
        "amount": {"id": "A1", "what": "a fine", "said": "三十万元", "amount": "300000", "currency": "CNY",
          "conversion": [{"amount": "16800000", "currency": "KZT", "source": "P1"},
                         {"amount": "44200.50", "currency": "USD", "source": "the newspaper"}]}}"#;
    home.run_with(&["put", &code, "testimony", "--form", "-"], form).succeeds();
    let page = home.run(&["show", &code]).succeeds().out;
    for line in [
        "|   A1, a fine: 300000 CNY\n",
        "三十万元",
        "16800000 KZT, said by P1\n",
        "44200.50 USD, said by the newspaper\n",
        "extortion (130104)\n",
        "0110\n",
        "beating (0301)\n",
    ] {
        assert!(page.contains(line), "{line:?} is not in\n{page}");
    }
    let form = &home.json(&["show", &code], "")["parts"][0]["shown"][0]["form"];
    assert_eq!(form["amount"][0]["conversion"][1]["amount"], "44200.50");
    assert_eq!(form["event"][0]["type_of_act"][0], "extortion", "codes are shown and not stored");
}
