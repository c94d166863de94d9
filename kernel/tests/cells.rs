//! The cells agree with an `Option` under any sequence of operations.

use kernel::utilities::cells::{MapCell, OptionalCell, TakeCell};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    Put(u8),
    Replace(u8),
    Take,
    Change(u8),
    ChangeOrPut(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<u8>().prop_map(Step::Put),
        any::<u8>().prop_map(Step::Replace),
        Just(Step::Take),
        any::<u8>().prop_map(Step::Change),
        any::<u8>().prop_map(Step::ChangeOrPut),
    ]
}

/// What a step gives back, and what it leaves in the model.
fn model(content: &mut Option<u8>, step: Step) -> Option<u8> {
    match step {
        Step::Put(value) => {
            *content = Some(value);
            None
        }
        Step::Replace(value) => content.replace(value),
        Step::Take => content.take(),
        Step::Change(value) => content
            .as_mut()
            .map(|inner| std::mem::replace(inner, value)),
        Step::ChangeOrPut(value) => {
            *content = Some(content.map_or(value, |inner| inner ^ value));
            None
        }
    }
}

fn leak(value: u8) -> &'static mut u8 {
    Box::leak(Box::new(value))
}

proptest! {
    #[test]
    fn an_optional_cell_is_an_option(steps in prop::collection::vec(step(), 0..50)) {
        let (cell, mut content) = (OptionalCell::empty(), None);
        for step in steps {
            let result = match step {
                Step::Put(value) => {
                    cell.set(value);
                    None
                }
                Step::Replace(value) => cell.replace(value),
                Step::Take => cell.take(),
                Step::Change(value) => cell.map(|_| ()).and_then(|()| cell.replace(value)),
                Step::ChangeOrPut(value) => {
                    cell.insert(Some(cell.map_or(value, |inner| inner ^ value)));
                    None
                }
            };
            prop_assert_eq!(result, model(&mut content, step));
            prop_assert_eq!((cell.get(), cell.is_some()), (content, content.is_some()));
        }
    }

    #[test]
    fn a_map_cell_is_an_option_that_is_changed_in_place(
        steps in prop::collection::vec(step(), 0..50),
    ) {
        let (cell, mut content) = (MapCell::empty(), None);
        for step in steps {
            let result = match step {
                Step::Put(value) => {
                    cell.put(value);
                    None
                }
                Step::Replace(value) => cell.replace(value),
                Step::Take => cell.take(),
                Step::Change(value) => cell.map(|inner| std::mem::replace(inner, value)),
                Step::ChangeOrPut(value) => {
                    cell.modify_or_replace(|inner| *inner ^= value, || value);
                    None
                }
            };
            prop_assert_eq!(result, model(&mut content, step));
            prop_assert_eq!((cell.get(), cell.is_none()), (content, content.is_none()));
        }
    }

    #[test]
    fn a_take_cell_is_an_option_of_a_reference(steps in prop::collection::vec(step(), 0..50)) {
        let (cell, mut content) = (TakeCell::empty(), None);
        for step in steps {
            let result = match step {
                Step::Put(value) => {
                    cell.put(Some(leak(value)));
                    None
                }
                Step::Replace(value) => cell.replace(leak(value)).map(|inner| *inner),
                Step::Take => cell.take().map(|inner| *inner),
                Step::Change(value) => cell.map(|inner| std::mem::replace(inner, value)),
                Step::ChangeOrPut(value) => {
                    cell.modify_or_replace(|inner| *inner ^= value, || leak(value));
                    None
                }
            };
            prop_assert_eq!(result, model(&mut content, step));
            prop_assert_eq!(cell.map_or(None, |inner| Some(*inner)), content);
            prop_assert_eq!(cell.is_some(), content.is_some());
        }
    }
}
