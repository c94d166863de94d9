//! Every trait of the HIL has a fake, so that whatever uses it can be tested.

use super::Complaint;
use super::sources::Source;

const HIL: &str = "kernel/src/hil/";
const FAKES: &str = "chips/fake/src/";

/// The traits that need none, and why. Neither do a client's, and those that whatever has others has.
const EXCEPTIONS: [(&str, &str); 8] = [
    ("AESKeySize", "the HIL has every size"),
    ("ChipSelectActivePolarity", "the HIL has both"),
    ("Frequency", "the HIL has the frequencies"),
    (
        "InterruptWithValue",
        "InterruptValueWrapper adds it to a pin",
    ),
    ("IntoChipSelect", "every pin has it"),
    ("Sealed", "nobody outside can implement it"),
    ("Ticks", "the HIL has the widths"),
    ("UsbHidType", "the HIL has the reports"),
];

/// Checks each trait. Fakes that do not name its module are those of others with the same name.
pub fn check(sources: &[Source]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for source in sources {
        let Some(path) = source.path.strip_prefix(HIL) else {
            continue;
        };
        let module = path.split(['/', '.']).next().unwrap_or(path);
        let is_fake = |fake: &&Source| {
            fake.path.starts_with(FAKES) && fake.places(&[module]).next().is_some()
        };
        let fakes: Vec<&Source> = sources.iter().filter(is_fake).collect();
        for index in source.places(&["pub", "trait"]) {
            // Its name, or the parameter of a macro that stands for it.
            let mut words = (index + 2..).map(|index| source.text(index));
            let name = words.find(|word| *word != "$").unwrap_or_default();
            let needs_none = name.starts_with("Client")
                || name.ends_with("Client")
                || EXCEPTIONS.iter().any(|(exception, _)| *exception == name)
                || implementations(source).any(|found| found == (name, "T"));
            if !needs_none && !fakes.iter().any(|fake| has(fake, name)) {
                complaints.push(format!(
                    "{}: the trait {name} has no fake in {FAKES}",
                    source.place(index)
                ));
            }
        }
    }
    complaints
}

/// Whether a fake implements the trait, or gives it to a macro that does, as `module::Trait<'static>,`.
fn has(fake: &Source, name: &str) -> bool {
    let given = [":", name, "<", "'", "static", ">", ","];
    implementations(fake).any(|(found, _)| found == name) || fake.places(&given).next().is_some()
}

/// Each `impl Trait for Type`: the trait's name, and the first word of the type.
fn implementations(source: &Source) -> impl Iterator<Item = (&str, &str)> {
    source.places(&["impl"]).filter_map(|index| {
        let (mut name, mut depth) = ("", 0);
        for index in index + 1.. {
            match source.text(index) {
                "<" => depth += 1,
                ">" => depth -= 1,
                "for" if depth == 0 => return Some((name, source.text(index + 1))),
                "" | "{" | ";" => return None,
                word if depth == 0 => name = word,
                _ => {}
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trait_without_a_fake_is_told_with_its_place() {
        let hil = "pub trait Faked<'a> {}\npub trait Given<'a> {}\npub trait Missing {}\n\
                   pub trait Both: Faked<'a> + Given<'a> {}\npub trait LampClient {}\n\
                   impl<'a, T: Faked<'a> + Given<'a>> Both for T {}";
        let lamp = "use kernel::hil::lamp; impl<const N: usize> lamp::Faked<'static> for Lamp<N> {}\
                    lamp! { lamp::Given<'static>, 3 } impl Missing { fn f() { for _ in x {} } }";
        let other = "use kernel::hil::other; impl other::Missing for Lamp {}";
        let source = |path, text| Source::new(path, text).unwrap();
        let complaints = check(&[
            source("kernel/src/hil/lamp.rs", hil),
            source("chips/fake/src/lamp.rs", lamp),
            source("chips/fake/src/other.rs", other),
        ]);
        let expected = "kernel/src/hil/lamp.rs:3: the trait Missing has no fake in chips/fake/src/";
        assert_eq!(complaints, [expected]);
    }
}
