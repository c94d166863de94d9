//! The sources as the tokens of Rust's grammar, so that no comment and no text is taken for code, and what a macro
//! holds is code as well.

use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::shown;
use crate::cli::Result;

/// The folders that hold sources.
const FOLDERS: [&str; 8] = [
    "kernel",
    "capsules",
    "chips",
    "boards",
    "apps",
    "tools",
    "fuzz",
    "docs/examples",
];

/// A source file.
pub struct Source {
    /// From the root.
    pub path: String,
    pub tokens: Vec<Token>,
}

/// A word, a sign, a literal, or one end of a pair of brackets. A doc comment is an attribute.
pub struct Token {
    pub text: String,
    pub line: usize,
}

impl Source {
    /// Takes a text apart.
    ///
    /// # Errors
    /// If it is not Rust.
    pub fn new(path: &str, text: &str) -> Result<Self> {
        let stream: TokenStream = text
            .parse()
            .map_err(|error| format!("{path} is not Rust: {error}"))?;
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        Ok(Self {
            path: path.into(),
            tokens,
        })
    }

    /// Where `words` stand one after another: the index of the first token of each place.
    pub fn places(&self, words: &[&str]) -> impl Iterator<Item = usize> {
        self.tokens
            .windows(words.len())
            .enumerate()
            .filter(move |(_, window)| {
                window
                    .iter()
                    .map(|token| token.text.as_str())
                    .eq(words.iter().copied())
            })
            .map(|(index, _)| index)
    }

    /// The text of a token; nothing past the end.
    pub fn text(&self, index: usize) -> &str {
        self.tokens.get(index).map_or("", |token| &token.text)
    }

    /// A place as messages have it.
    pub fn place(&self, index: usize) -> String {
        format!("{}:{}", self.path, self.tokens[index].line)
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: String| tokens.push(Token { text, line });
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open.into());
                flatten(group.stream(), tokens);
                let line = group.span_close().start().line;
                tokens.push(Token {
                    text: close.into(),
                    line,
                });
            }
            other => push(other.to_string()),
        }
    }
}

/// All sources under `root`, sorted by their paths.
pub fn all(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for folder in FOLDERS {
        collect(&root.join(folder), &mut sources)?;
    }
    sources.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn collect(folder: &Path, sources: &mut Vec<Source>) -> Result {
    let failed = |error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                collect(&path, sources)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            sources.push(Source::new(&shown(&path), &text)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_no_code_and_macros_are() {
        let text = "// a b\n/// a b\nfn f() { \"a b\"; m! { a\nb } }";
        let source = Source::new("x.rs", text).unwrap();
        let places: Vec<String> = source
            .places(&["a", "b"])
            .map(|i| source.place(i))
            .collect();
        assert_eq!(places, ["x.rs:3"]);
    }

    #[test]
    fn what_is_not_rust_is_named() {
        let message = Source::new("x.rs", "fn f( {").err().unwrap();
        assert!(message.starts_with("x.rs is not Rust"), "{message}");
    }
}
