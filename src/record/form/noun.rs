//! One table for each noun of a form: from it come its type, its reading, what is written of it, and the template.

use super::tree::{Entry, FormError, FormFault, Node, nearest};
use super::value::{Shape, Slot};

/// A field of a noun, as the template shows it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub says: &'static str,
    /// How it is written in TOML.
    pub example: &'static str,
    /// How it is asked for.
    pub shape: Shape,
    /// Whether it holds any number of values.
    pub list: bool,
    /// Whether it must be there.
    pub needed: bool,
    /// Says what is wrong with a value, alone.
    pub check: fn(&Node) -> Result<(), FormError>,
}

/// A noun of a form.
pub trait Noun {
    /// Its fields, in the order in which they are written.
    const FIELDS: &'static [Field];

    /// What it holds, field by field as people read it; what is not there is left out.
    fn rows(&self) -> Vec<(&'static str, Vec<String>)>;
}

/// The fields of a noun while it is read.
pub(super) struct Fields<'a> {
    line: usize,
    entries: &'a [Entry],
    known: &'static [Field],
}

impl<'a> Fields<'a> {
    /// Takes the fields at a node; any that is not known is refused.
    pub(super) fn of(node: &'a Node, known: &'static [Field]) -> Result<Self, FormError> {
        let entries = node.entries()?;
        let names = || known.iter().map(|field| field.name);
        match entries.iter().find(|entry| names().all(|name| name != entry.key)) {
            None => Ok(Self { line: node.line, entries, known }),
            Some(entry) => {
                let fault =
                    FormFault::Unknown { nearest: nearest(&entry.key, names()), known: names().collect() };
                Err(FormError { line: entry.line, field: entry.key.chars().take(64).collect(), fault })
            }
        }
    }

    /// The value of a field.
    pub(super) fn take<T: Slot>(&self, name: &'static str) -> Result<T, FormError> {
        if let Some(entry) = self.entries.iter().find(|entry| entry.key == name) {
            return T::fill(&entry.node).map_err(|error| error.within(name));
        }
        T::absent().ok_or_else(|| {
            let example =
                self.known.iter().find(|field| field.name == name).map_or("", |field| field.example);
            let remedy = format!("add a line such as: {name} = {example}");
            FormError { line: self.line, field: name.to_owned(), fault: FormFault::Missing { remedy } }
        })
    }
}

/// Declares a noun: its type, its fields with an example each, and how it is read. `check` looks at it as a whole.
macro_rules! noun {
    (
        $(#[$meta:meta])*
        $name:ident $(, check $check:ident)? {
            $( $( #[doc = $says:literal] )+ $field:ident: $kind:ty = $example:literal, )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        pub struct $name {
            $(
                $( #[doc = $says] )+
                #[serde(skip_serializing_if = "crate::record::form::value::Slot::is_absent")]
                pub $field: $kind,
            )*
        }

        impl $crate::record::form::noun::Noun for $name {
            const FIELDS: &'static [$crate::record::form::noun::Field] = &[
                $( $crate::record::form::noun::Field {
                    name: stringify!($field),
                    says: concat!($( $says ),+),
                    example: $example,
                    shape: <$kind as $crate::record::form::value::Slot>::SHAPE,
                    list: <$kind as $crate::record::form::value::Slot>::LIST,
                    needed: <$kind as $crate::record::form::value::Slot>::NEEDED,
                    check: |node| <$kind as $crate::record::form::value::Slot>::fill(node).map(drop),
                }, )*
            ];

            fn rows(&self) -> Vec<(&'static str, Vec<String>)> {
                let rows = [$( (stringify!($field), $crate::record::form::shown::Shown::shown(&self.$field)), )*];
                rows.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
            }
        }

        impl $crate::record::form::value::Value for $name {
            const SHAPE: $crate::record::form::value::Shape =
                $crate::record::form::value::Shape::Fields(<Self as $crate::record::form::noun::Noun>::FIELDS);

            fn read(node: &$crate::record::form::tree::Node) -> Result<Self, $crate::record::form::tree::FormError> {
                use $crate::record::form::noun::{Fields, Noun};
                let fields = Fields::of(node, Self::FIELDS)?;
                let value = Self { $( $field: fields.take(stringify!($field))?, )* };
                $( value.$check(node)?; )?
                Ok(value)
            }
        }
    };
}

pub(super) use noun;
