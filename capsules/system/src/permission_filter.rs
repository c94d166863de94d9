//! Lets an app call what its header permits, under Tock's name.

use kernel::{
    ErrorCode, platform::SyscallFilter, process::Process, syscall::Syscall, tbf::CommandPermissions,
};

/// Commands that one mask of permissions speaks for.
const COMMANDS_PER_MASK: usize = 64;

/// Permits an app the commands that its header names, and all of them if it names none.
///
/// To an app that has permissions, a command that they do not name is a device that is not there. It may
/// subscribe to a driver and share buffers with it if they name the driver at all. An app without
/// permissions costs one check.
pub struct TbfHeaderFilterDefaultAllow;

impl SyscallFilter for TbfHeaderFilterDefaultAllow {
    #[inline]
    fn concerns(&self, process: &dyn Process) -> bool {
        process.is_restricted()
    }

    fn filter_syscall(&self, process: &dyn Process, syscall: &Syscall) -> Result<(), ErrorCode> {
        if is_permitted(process, syscall) {
            Ok(())
        } else {
            Err(ErrorCode::NODEVICE)
        }
    }
}

fn is_permitted(process: &dyn Process, syscall: &Syscall) -> bool {
    let Some(driver) = syscall.driver_number() else {
        return true;
    };
    let command = match *syscall {
        Syscall::Command {
            subdriver_number, ..
        } => Some(subdriver_number),
        _ => None,
    };
    let offset = command.map_or(0, |command| command / COMMANDS_PER_MASK);
    match process.get_command_permissions(driver, offset) {
        CommandPermissions::NoPermsAtAll => true,
        CommandPermissions::NoPermsThisDriver => false,
        CommandPermissions::Mask(mask) => {
            command.is_none_or(|command| mask >> (command % COMMANDS_PER_MASK) & 1 == 1)
        }
    }
}
