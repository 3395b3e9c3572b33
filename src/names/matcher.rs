//! Finding a name among many, in any of the scripts.

use std::collections::HashMap;

use super::align::{Costs, Front, NEVER, Spans, least};
use super::form::{Ending, between, forms};
use super::normal::{MAX_LETTERS, Script, Word, words};
use super::query::{Piece, Query, split};
use super::table::{Cost, Kind, NAT, Unit};

/// A name that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// Its place among the names the matcher was made of.
    pub index: usize,
    /// How well it fits, from 0 to 1. Good for ordering matches of one query; two people are never one by it.
    pub score: f32,
}

/// Names to search in.
#[derive(Debug)]
pub struct Matcher {
    forms: Vec<Form>,
    units: Vec<(Kind, Unit)>,
    letters: Vec<(Kind, Unit)>,
    names: Vec<Vec<(u32, u8)>>,
    words: Vec<u8>,
    same: HashMap<Word, Vec<u32>>,
}

/// One way to write a word; what several names share is kept once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Form {
    kind: Kind,
    /// Its letters alone: those with a common beginning lie beside each other.
    letters: Vec<u32>,
    units: Vec<u32>,
    ending: Ending,
    /// What it costs that the word would be read by this table, there being another one.
    guess: Cost,
}

/// Forms that are looked at closely, of each piece and table.
const CLOSER: usize = 300;
/// Names whose words are assigned one to one.
const ASSIGNED: usize = 400;

impl Matcher {
    /// Makes names ready to be searched.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Self {
        let mut build = Build::default();
        let names: Vec<Vec<(u32, u8)>> = names.into_iter().map(|name| build.name(name.as_ref())).collect();
        build.finish(names)
    }

    /// The names that fit a query best, the best first.
    pub fn find(&self, query: &str, how_many: usize) -> Vec<Match> {
        let query = Query::new(query);
        if query.pieces.is_empty() {
            return Vec::new();
        }
        let hits = self.hits(&query);
        let count = query.pieces.len();
        let fits: Vec<bool> = hits.chunks(count).map(|row| row.iter().any(|cost| *cost < NEVER)).collect();
        let fits = |name: &usize| self.names[*name].iter().any(|(form, _)| fits[*form as usize]);
        let mut likely: Vec<(Cost, usize)> = (0..self.names.len())
            .filter(fits)
            .map(|name| (self.at_best(name, &query, &hits), name))
            .collect();
        keep_least(&mut likely, ASSIGNED.max(how_many));
        let mut found: Vec<(Cost, usize)> =
            likely.into_iter().map(|(_, name)| (self.assigned(name, &query, &hits), name)).collect();
        found.sort_unstable();
        found.truncate(how_many);
        let letters = query.lengths.iter().sum::<usize>() as f32 + 1.0;
        let score = |cost: Cost| (-f32::from(cost) / f32::from(NAT) / letters).exp();
        found.into_iter().map(|(cost, index)| Match { index, score: score(cost) }).collect()
    }

    /// What each form costs for each piece of the query, one piece after the other for a form.
    fn hits(&self, query: &Query) -> Vec<Cost> {
        let count = query.pieces.len();
        let mut hits = vec![NEVER; self.forms.len() * count];
        for (at, piece) in query.pieces.iter().enumerate() {
            let (mut from, mut limit) = (0, Limit::new(piece.length()));
            for forms in self.forms.chunk_by(|a, b| a.kind == b.kind) {
                let closest = match forms.first() {
                    Some(form) if form.kind == Kind::Han || piece.is_short() => {
                        self.closest(forms, piece, &mut limit)
                    }
                    _ => Vec::new(),
                };
                for (cost, form) in closest {
                    let ends = between(piece.ending, forms[form].ending);
                    hits[(from + form) * count + at] = cost.saturating_add(ends);
                }
                from += forms.len();
            }
        }
        for (covers, word) in query.typed() {
            let Some(piece) = query.pieces.iter().position(|piece| piece.covers == covers) else { continue };
            for form in self.same.get(&word).into_iter().flatten() {
                hits[*form as usize * count + piece] = 0;
            }
        }
        hits
    }

    /// The forms of one table that fit a piece best: by letters alone first, then by their surroundings.
    fn closest(&self, forms: &[Form], piece: &Piece, limit: &mut Limit) -> Vec<(Cost, usize)> {
        let Some(kind) = forms.first().map(|form| form.kind) else { return Vec::new() };
        let spans = piece.spans(kind);
        let mut found = self.by_letters(forms, &spans, limit);
        keep_least(&mut found, CLOSER);
        let mut known: HashMap<u32, Costs> = HashMap::new();
        for (cost, form) in &mut found {
            let mut front = spans.start();
            for unit in &forms[*form].units {
                let costs = known.entry(*unit).or_insert_with(|| {
                    let (kind, unit) = self.units[*unit as usize];
                    spans.costs(&kind.table().rows(unit, true))
                });
                front = costs.step(&front);
            }
            *cost = front[spans.length].saturating_add(forms[*form].guess);
        }
        found
    }

    /// Every form that fits at all. Forms are sorted, so that one goes on where it parts from the one before.
    fn by_letters(&self, forms: &[Form], spans: &Spans, limit: &mut Limit) -> Vec<(Cost, usize)> {
        let mut known: Vec<Option<Box<Costs>>> = vec![None; self.letters.len()];
        let mut fronts: Vec<Front> = vec![spans.start()];
        let mut before: &[u32] = &[];
        let mut found = Vec::new();
        for (at, form) in forms.iter().enumerate() {
            let common = form.letters.iter().zip(before).take_while(|(a, b)| a == b).count();
            before = &form.letters;
            // Fronts end early where nothing that goes on from there can fit.
            fronts.truncate(common + 1);
            while fronts.len() <= form.letters.len() && least(&fronts[fronts.len() - 1]) <= limit.most {
                let letter = form.letters[fronts.len() - 1];
                let costs = known[letter as usize].get_or_insert_with(|| {
                    let (kind, unit) = self.letters[letter as usize];
                    Box::new(spans.costs(&kind.table().rows(unit, false)))
                });
                fronts.push(costs.step(&fronts[fronts.len() - 1]));
            }
            let cost = fronts[fronts.len() - 1][spans.length];
            if fronts.len() > form.letters.len() && cost <= limit.most {
                limit.count(cost);
                found.push((cost, at));
            }
        }
        found
    }

    /// What a name costs at least.
    fn at_best(&self, name: usize, query: &Query, hits: &[Cost]) -> Cost {
        let count = query.pieces.len();
        let mut costs = [NEVER; 8];
        for (form, _) in &self.names[name] {
            let row = &hits[*form as usize * count..][..count];
            for (piece, cost) in query.pieces.iter().zip(row).filter(|(_, cost)| **cost < NEVER) {
                let share = cost / (piece.covers.count_ones() as Cost);
                for (word, least) in costs.iter_mut().enumerate() {
                    if piece.covers & (1 << word) != 0 {
                        *least = share.min(*least);
                    }
                }
            }
        }
        let sum =
            |sum: Cost, (cost, length): (&Cost, &usize)| sum.saturating_add((*cost).min(absent(*length)));
        let sum = costs.iter().zip(&query.lengths).fold(0, sum);
        sum + self.words[name].saturating_sub(query.lengths.len() as u8) as Cost * LEFT_OVER
    }

    /// What a name costs when each of its words stands for one of the query.
    fn assigned(&self, name: usize, query: &Query, hits: &[Cost]) -> Cost {
        let count = query.pieces.len();
        let mut pairs = Vec::new();
        for (form, covers) in &self.names[name] {
            let row = &hits[*form as usize * count..][..count];
            let pieces = query.pieces.iter().zip(row).filter(|(_, cost)| **cost < NEVER);
            pairs.extend(pieces.map(|(piece, cost)| Pair {
                query: piece.covers,
                name: *covers,
                cost: *cost,
            }));
        }
        assign(&pairs, &query.lengths, self.words[name])
    }
}

/// The most a form may cost. It sinks as forms are found, so that there are always enough, and few in vain.
struct Limit {
    most: Cost,
    /// Forms found, by whole nats.
    found: Vec<usize>,
    within: usize,
}

impl Limit {
    fn new(letters: usize) -> Self {
        let most = (5 * letters as Cost + 12) * NAT;
        Self { most, found: vec![0; usize::from(most / NAT) + 1], within: 0 }
    }

    fn count(&mut self, cost: Cost) {
        self.found[usize::from(cost / NAT)] += 1;
        self.within += 1;
        while self.most >= NAT && self.within - self.found[usize::from(self.most / NAT)] >= CLOSER {
            self.within -= self.found[usize::from(self.most / NAT)];
            self.most = self.most / NAT * NAT - 1;
        }
    }
}

/// A piece of a query for a form of a name.
#[derive(Clone, Copy, Debug)]
struct Pair {
    query: u8,
    name: u8,
    cost: Cost,
}

/// What a word of the name costs that nothing in the query stands for.
const LEFT_OVER: Cost = 3 * NAT;

/// What a word of the query costs that nothing in the name stands for.
fn absent(length: usize) -> Cost {
    (16 + 4 * length.min(MAX_LETTERS) as Cost) * NAT
}

/// The cheapest way to give each word of the query at most one of the name.
fn assign(pairs: &[Pair], lengths: &[usize], words: u8) -> Cost {
    fn rest(pairs: &[Pair], lengths: &[usize], (query, name): (u8, u8), words: u8) -> Cost {
        let Some(next) = (0..lengths.len()).find(|word| query & (1 << word) == 0) else {
            return LEFT_OVER * Cost::from(words.saturating_sub(name.count_ones() as u8));
        };
        let skip =
            absent(lengths[next]).saturating_add(rest(pairs, lengths, (query | 1 << next, name), words));
        let fits =
            |pair: &&Pair| pair.query & (1 << next) != 0 && pair.query & query == 0 && pair.name & name == 0;
        pairs.iter().filter(fits).fold(skip, |least, pair| {
            let rest = rest(pairs, lengths, (query | pair.query, name | pair.name), words);
            least.min(pair.cost.saturating_add(rest))
        })
    }
    rest(pairs, lengths, (0, 0), words)
}

/// Leaves the least ones; those alike in the order of their places.
fn keep_least(found: &mut Vec<(Cost, usize)>, how_many: usize) {
    if found.len() > how_many && how_many > 0 {
        found.select_nth_unstable(how_many - 1);
        found.truncate(how_many);
    }
}

/// A matcher that is being made.
#[derive(Default)]
struct Build {
    forms: HashMap<Form, u32>,
    units: HashMap<(Kind, Unit), u32>,
    letters: HashMap<(Kind, char), (u32, Unit)>,
    same: HashMap<Word, Vec<u32>>,
    words: Vec<u8>,
}

impl Build {
    /// The forms of a name, each with the words it covers.
    fn name(&mut self, name: &str) -> Vec<(u32, u8)> {
        let words = split(&words(name));
        self.words.push(words.len() as u8);
        let mut out = Vec::new();
        for (at, word) in words.iter().enumerate() {
            for (ending, letters) in forms(word) {
                self.word(&Word { script: word.script, letters }, ending, 1 << at, &mut out);
            }
        }
        for (at, pair) in words.windows(2).enumerate() {
            if let Some(word) = joined(pair) {
                self.word(&word, Ending::Whole, 3 << at, &mut out);
            }
        }
        out
    }

    fn word(&mut self, word: &Word, ending: Ending, covers: u8, out: &mut Vec<(u32, u8)>) {
        for kind in Kind::of(word.script) {
            let units = kind.table().units(&word.letters);
            let letters = units.iter().map(|unit| self.letter(*kind, *unit)).collect();
            let units = units.iter().map(|unit| number(&mut self.units, (*kind, *unit))).collect();
            let before = self.forms.len();
            let guess = kind.guess(&word.letters);
            let form = number(&mut self.forms, Form { kind: *kind, letters, units, ending, guess });
            if self.forms.len() > before && ending == Ending::Whole {
                self.same.entry(word.clone()).or_default().push(form);
            }
            out.push((form, covers));
        }
    }

    fn letter(&mut self, kind: Kind, unit: Unit) -> u32 {
        let next = self.letters.len() as u32;
        self.letters.entry((kind, unit.letter)).or_insert((next, unit)).0
    }

    /// Sorts the forms, so that those of one table and with one beginning lie together.
    fn finish(self, mut names: Vec<Vec<(u32, u8)>>) -> Matcher {
        let mut forms: Vec<(Form, u32)> = self.forms.into_iter().collect();
        forms.sort_unstable();
        let mut places = vec![0; forms.len()];
        forms.iter().enumerate().for_each(|(place, (_, old))| places[*old as usize] = place as u32);
        names.iter_mut().flatten().for_each(|(form, _)| *form = places[*form as usize]);
        let mut same = self.same;
        same.values_mut().flatten().for_each(|form| *form = places[*form as usize]);
        let letters = self.letters.into_iter().map(|((kind, _), (number, unit))| ((kind, unit), number));
        Matcher {
            forms: forms.into_iter().map(|(form, _)| form).collect(),
            units: in_order(self.units),
            letters: in_order(letters),
            names,
            words: self.words,
            same,
        }
    }
}

/// Two words that others write as one: short ones, and a Chinese family and given name.
fn joined(pair: &[Word]) -> Option<Word> {
    const SHORT: usize = 9;
    let [a, b] = pair else { return None };
    let short = a.letters.len() + b.letters.len() <= SHORT;
    (a.script == b.script && (short || a.script == Script::Han))
        .then(|| Word { script: a.script, letters: [a.letters.as_slice(), &b.letters].concat() })
}

fn number<K: std::hash::Hash + Eq>(numbers: &mut HashMap<K, u32>, key: K) -> u32 {
    let next = numbers.len() as u32;
    *numbers.entry(key).or_insert(next)
}

fn in_order<K>(numbers: impl IntoIterator<Item = (K, u32)>) -> Vec<K> {
    let mut numbers: Vec<(K, u32)> = numbers.into_iter().collect();
    numbers.sort_unstable_by_key(|(_, number)| *number);
    numbers.into_iter().map(|(key, _)| key).collect()
}
