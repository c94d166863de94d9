//! Commands about keys.

use capsules_core::{Key, LAYOUTS};

use super::{Context, say, text};

super::table! {
    "keys" "" "shows each key event and its scan codes, until Ctrl-C" => keys;
    "keymap" "[NAME]" "changes the keyboard's layout, or lists the layouts" => keymap;
}

async fn keys(context: &Context<'_, '_>, _: &str) {
    loop {
        let event = context.terminal.keys.next().await;
        say!(context, "{event}\n");
        if event.key == Some(Key::Control('c')) {
            return;
        }
    }
}

async fn keymap(context: &Context<'_, '_>, name: &str) {
    let keyboard = context.machine.keyboard;
    if name.is_empty() {
        let table = text(|f| {
            for (name, full_name) in LAYOUTS {
                let mark = if name == keyboard.layout() { '*' } else { ' ' };
                writeln!(f, "{mark} {name:8} {full_name}")?;
            }
            Ok(())
        });
        say!(context, "{table}");
    } else if keyboard.set_layout(name).is_err() {
        say!(
            context,
            "keymap: there is no layout {name}. `keymap` lists them.\n"
        );
    }
}
