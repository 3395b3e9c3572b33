//! Spans of the examples of the EDTF specification (Library of Congress, 2019), and of dates as witnesses say them.

use super::*;
use crate::record::form::{Node, Tree, Value as _};

fn span(text: &str) -> Span {
    let node = Node { line: 1, value: Tree::Text(text.to_owned()) };
    Span::of(&When::read(&node).unwrap_or_else(|_| panic!("{text} is no date")))
}

fn shown(edge: Edge) -> String {
    match edge {
        Edge::Past => "..".into(),
        Edge::On(day) => day.to_string(),
        Edge::Future => "..".into(),
    }
}

/// Beginning (earliest, latest) and, where it differs, end (earliest, latest).
fn told(text: &str) -> String {
    let span = span(text);
    let two = |stretch: Stretch| format!("{} {}", shown(stretch.first), shown(stretch.last));
    match span.begins == span.ends {
        true => two(span.begins),
        false => format!("{} | {}", two(span.begins), two(span.ends)),
    }
}

/// Level 0, and level 1 but for intervals.
const DATES: &str = "
    1985-04-12           1985-04-12 1985-04-12
    1985-04              1985-04-01 1985-04-30
    1985                 1985-01-01 1985-12-31
    1985-04-12T23:20:30Z 1985-04-12 1985-04-12
    2024-02              2024-02-01 2024-02-29
    Y170000002           170000002-01-01 170000002-12-31
    Y-170000002          -170000002-01-01 -170000002-12-31
    2001-21              2001-03-01 2001-06-22
    2001-22              2001-06-01 2001-09-24
    2001-23              2001-09-01 2001-12-23
    2001-24              2001-01-01 2002-03-21
    1984?                1984-01-01 1984-12-31
    2004-06~             2004-06-01 2004-06-30
    2004-06-11%          2004-06-11 2004-06-11
    201X                 2010-01-01 2019-12-31
    20XX                 2000-01-01 2099-12-31
    2004-XX              2004-01-01 2004-12-31
    1985-04-XX           1985-04-01 1985-04-30
    1985-XX-XX           1985-01-01 1985-12-31
    -1985                -1985-01-01 -1985-12-31
";

const INTERVALS: &str = "
    1964/2008              1964-01-01 1964-12-31 | 2008-01-01 2008-12-31
    2004-06/2006-08        2004-06-01 2004-06-30 | 2006-08-01 2006-08-31
    2004-02-01/2005-02-08  2004-02-01 2004-02-01 | 2005-02-08 2005-02-08
    2004-02-01/2005        2004-02-01 2004-02-01 | 2005-01-01 2005-12-31
    2005/2006-02           2005-01-01 2005-12-31 | 2006-02-01 2006-02-28
    2005/2005-02           2005-01-01 2005-02-28 | 2005-02-01 2005-02-28
    1985-04-12/..          1985-04-12 1985-04-12 | 1985-04-12 ..
    1985-04/..             1985-04-01 1985-04-30 | 1985-04-01 ..
    1985-04-12/            1985-04-12 1985-04-12 | 1985-04-12 ..
    ../1985-04-12          .. 1985-04-12 | 1985-04-12 1985-04-12
    /1985                  .. 1985-12-31 | 1985-01-01 1985-12-31
    1984~/2004-06          1984-01-01 1984-12-31 | 2004-06-01 2004-06-30
    2004-06-~01/2004-06-~20  2004-06-01 2004-06-01 | 2004-06-20 2004-06-20
    2004-06-XX/2004-07-03  2004-06-01 2004-06-30 | 2004-07-03 2004-07-03
";

/// Level 2 but for intervals.
const LEVEL_2: &str = "
    Y-17E7               -170000000-01-01 -170000000-12-31
    1950S2               1900-01-01 1999-12-31
    Y171010000S3         171000000-01-01 171999999-12-31
    2001-34              2001-04-01 2001-06-30
    2001-25              2001-03-01 2001-06-22
    2001-29              2001-09-01 2001-12-23
    2001-30              2001-01-01 2002-03-21
    2001-31              2001-03-01 2001-06-22
    [1667,1668,1670..1672]        1667-01-01 1672-12-31
    [..1760-12-03]                .. 1760-12-03
    [1760-12..]                   1760-12-01 ..
    [1760-01,1760-02,1760-12..]   1760-01-01 ..
    [1667,1760-12]                1667-01-01 1760-12-31
    {1667,1668,1670..1672}        1667-01-01 1667-12-31 | 1672-01-01 1672-12-31
    {1960,1961-12}                1960-01-01 1960-12-31 | 1961-12-01 1961-12-31
    {..1984}                      .. 1984-12-31 | 1984-01-01 1984-12-31
    2004-06~-11          2004-06-11 2004-06-11
    ?2004-06-~11         2004-06-11 2004-06-11
    156X-12-25           1560-12-25 1569-12-25
    15XX-12-25           1500-12-25 1599-12-25
    XXXX-12-XX           0000-12-01 9999-12-31
    1XXX-XX              1000-01-01 1999-12-31
    1XXX-12              1000-12-01 1999-12-31
    1984-1X              1984-10-01 1984-12-31
    201X-11              2010-11-01 2019-11-30
    XXXX-02-29           0000-02-29 9996-02-29
";

/// Fails when a day is moved, an open end is closed, or a set is taken for one date.
#[test]
fn the_days_of_every_example_of_the_specification() {
    let lines = [DATES, INTERVALS, LEVEL_2].map(|table| table.lines().map(str::trim)).into_iter().flatten();
    let mut seen = 0;
    for (text, wanted) in lines.filter_map(|line| line.split_once(' ')) {
        assert_eq!(told(text), wanted.trim(), "{text}");
        seen += 1;
    }
    assert_eq!(seen, 60);
}

/// Fails when `~` or `?` counts as certain, or one that lasts must be over to have begun first.
#[test]
fn what_began_before_what() {
    for (one, other, order) in [
        ("2019-09-30", "2019-10", Order::Certain),
        ("2019-10-01", "2019-10-06", Order::Certain),
        ("2013/2017", "2014-05", Order::Certain),
        ("2019-10-01", "2019-10-01", Order::Open),
        ("2019-10", "2019-10-06", Order::Open),
        ("2019-10-06", "2019-10", Order::Open),
        ("2019-10-06", "2019-10-01", Order::Open),
        ("201X-11", "2013-03", Order::Open),
        ("../2017", "2016", Order::Open),
        ("2017/..", "2018", Order::Certain),
        ("2019-10-01~", "2019-10-06", Order::AsWritten),
        ("2018", "2019-10-06?", Order::AsWritten),
        ("2019-21", "2019-23", Order::Certain),
        ("2019-21", "2019-22", Order::Open),
        ("[2013,2017]", "2015", Order::Open),
    ] {
        assert_eq!(span(one).begins_before(&span(other)), order, "{one} {other}");
    }
}

/// Fails when only the first and the last day are compared, or a date that is about right is held against another.
#[test]
fn how_two_dates_of_one_thing_agree() {
    for (one, other, agreement) in [
        ("2019-10-01", "2019-10-06", Agreement::Apart),
        ("2019-10-01~", "2019-10-06", Agreement::ApartAsWritten),
        ("2019-10-01", "2019-10-06?", Agreement::ApartAsWritten),
        ("2019-10", "2019-10-06", Agreement::Narrower),
        ("2019-10-06", "2019", Agreement::Narrower),
        ("2019-10-06", "2019-10-06", Agreement::Same),
        ("2019-10-06", "2019-10-06~", Agreement::Narrower),
        // Within the first and the last day, and no November.
        ("201X-11", "2013-03", Agreement::Apart),
        ("201X-11", "2013-11-30", Agreement::Narrower),
        ("[2013,2017]", "2015", Agreement::Apart),
        ("[2013,2015..2017]", "2016-05", Agreement::Narrower),
        ("2013/2017", "2016/2018", Agreement::Shared),
        ("XXXX-12-XX", "2016-05", Agreement::Narrower),
        ("19XX-11", "1991-11-03", Agreement::Narrower),
        ("19XX-11", "1991-12-03", Agreement::Apart),
    ] {
        assert_eq!(span(one).agreement(&span(other)), agreement, "{one} {other}");
        assert_eq!(span(other).agreement(&span(one)), agreement, "{other} {one}");
    }
}

#[test]
fn what_was_over_before_another_began() {
    assert!(span("2020-06-22").is_over_before(&span("2020-07-15")));
    assert!(!span("2020-07").is_over_before(&span("2020-07-15")));
    assert!(
        span("2013/2017").is_over_before(&span("2018")) && !span("2013/..").is_over_before(&span("2018"))
    );
}

#[test]
fn what_is_open_is_said_in_words() {
    for (text, words) in [
        ("2019-10-01", ""),
        ("2019-10", "between 2019-10-01 and 2019-10-31"),
        ("201X-11", "between 2010-11-01 and 2019-11-30; not every digit known"),
        ("2019-10-01?", "not sure"),
        ("2019-10~", "between 2019-10-01 and 2019-10-31; about"),
        ("2019-10-01%", "about; not sure"),
        ("2013/2017-05-03", "begins between 2013-01-01 and 2013-12-31, ends on 2017-05-03"),
        ("2013-05-03/..", "begins on 2013-05-03, ends is open or not known"),
        ("[2013,2015]", "on one of several dates, between 2013-01-01 and 2015-12-31"),
        ("[..2013]", "on one of several dates, on 2013-12-31 or earlier"),
        ("{2013-01-02,2015-01-02}", "on several dates, first on 2013-01-02, last on 2015-01-02"),
        ("2019-24", "a season, between 2019-01-01 and 2020-03-21"),
    ] {
        assert_eq!(span(text).words(), words, "{text}");
    }
}
