//! What capsules may know of a process, and do to it.

use core::{fmt, num::NonZeroU32};

use super::{FaultReason, ProcessId, ProcessStandard, QueuedUpcall, ShortId, State};
use crate::{
    capabilities::ProcessStartCapability,
    grant::Kind,
    storage_permissions::StoragePermissions,
    tbf::{CommandPermissions, TbfStoragePermissions},
    upcall::UpcallId,
};

/// Where the parts of a process are, at the addresses that the process knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessAddresses {
    /// The start of the app's image: its header.
    pub flash_start: usize,
    /// The start of the app's binary, after its header.
    pub flash_non_protected_start: usize,
    /// The end of the app's image.
    pub flash_end: usize,
    /// The start of RAM.
    pub sram_start: usize,
    /// The end of what the process asked for.
    pub sram_app_brk: usize,
    /// The lowest address of the grants.
    pub sram_grant_start: usize,
    /// The end of RAM.
    pub sram_end: usize,
    /// Where the app says that its heap starts.
    pub sram_heap_start: Option<usize>,
    /// Where the app says that its stack starts, growing down.
    pub sram_stack_top: Option<usize>,
}

/// Bytes that the kernel keeps of a process, grants not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessSizes {
    /// Pointers to the grants.
    pub grant_pointers: usize,
    /// What the processor needs to keep its memory apart: page tables.
    pub address_space: usize,
    /// Everything else.
    pub process_control_block: usize,
}

impl ProcessSizes {
    /// All of it.
    pub fn total(&self) -> usize {
        self.grant_pointers + self.address_space + self.process_control_block
    }
}

/// A process, as capsules see it: [`Kernel::process_each_capability`](crate::Kernel) shows each.
pub trait Process {
    /// Which run it is.
    fn processid(&self) -> ProcessId;
    /// Which app it is, where the app has a number.
    fn short_app_id(&self) -> ShortId;
    /// The version of the app's binary, where it has one.
    fn binary_version(&self) -> Option<NonZeroU32>;
    /// How often it was started anew.
    fn get_restart_count(&self) -> usize;
    /// The app's name; empty if it has none.
    fn get_process_name(&self) -> &str;
    /// Whether upcalls wait.
    fn has_tasks(&self) -> bool;
    /// How many upcalls wait.
    fn pending_tasks(&self) -> usize;
    /// Takes all upcalls of an id out of the queue, and returns how many.
    fn remove_pending_upcalls(&self, upcall_id: UpcallId) -> usize;
    /// Takes the first upcall of an id out of the queue.
    fn remove_upcall(&self, upcall_id: UpcallId) -> Option<QueuedUpcall>;
    /// What it is doing.
    fn get_state(&self) -> State;
    /// Whether there is something for it to do.
    fn ready(&self) -> bool;
    /// Whether it has neither ended nor faulted; it may be stopped.
    fn is_running(&self) -> bool;
    /// Keeps it from running until it is resumed. One that has ended or faulted stays as it is.
    fn stop(&self);
    /// Lets it go on from where it was stopped.
    fn resume(&self);
    /// Treats it as if it had done what it may not do: the fault policy decides.
    fn set_fault_state(&self);
    /// Starts it anew if it has ended.
    fn start(&self, cap: &dyn ProcessStartCapability);
    /// Ends it and starts it anew, as another run.
    fn try_restart(&self, completion_code: Option<u32>);
    /// Ends it.
    fn terminate(&self, completion_code: Option<u32>);
    /// `None` if it has not ended since it was started; else what it ended with, if it said.
    fn get_completion_code(&self) -> Option<Option<u32>>;
    /// How many regions of its image the app would like to write to.
    fn number_writeable_flash_regions(&self) -> usize;
    /// Offset from the image's start and size of such a region; (0, 0) if there is none of that number.
    fn get_writeable_flash_region(&self, region_index: usize) -> (usize, usize);
    /// Which commands `64 * offset ..` of a driver the app's header allows.
    fn get_command_permissions(&self, driver_num: usize, offset: usize) -> CommandPermissions;
    /// What the app may do with stored state: what the board's policy says, or nothing if it has none.
    fn get_storage_permissions(&self) -> StoragePermissions;
    /// How many grants drivers have in it.
    fn grant_allocated_count(&self) -> Option<usize>;
    /// Where its parts are.
    fn get_addresses(&self) -> ProcessAddresses;
    /// How much the kernel keeps of it.
    fn get_sizes(&self) -> ProcessSizes;
    /// How many system calls it has made.
    fn debug_syscall_count(&self) -> usize;
    /// How many upcalls were dropped because its queue was full or it had ended.
    fn debug_dropped_upcall_count(&self) -> usize;
    /// How many time slices it has used up.
    fn debug_timeslice_expiration_count(&self) -> usize;
    /// Whether the app's header restricts what it may call.
    fn is_restricted(&self) -> bool;
    /// Writes its registers, for people.
    ///
    /// # Errors
    /// Those of `out`.
    fn write_registers(&self, out: &mut dyn fmt::Write) -> fmt::Result;
    /// Writes what it has subscribed to and what it shares, a line each, for people.
    ///
    /// # Errors
    /// Those of `out`.
    fn write_allows(&self, out: &mut dyn fmt::Write) -> fmt::Result;
}

impl ProcessStandard {
    /// What the app's header says of stored state; `None`: nothing.
    pub fn storage_permissions_of_header(&self) -> Option<TbfStoragePermissions<'_>> {
        self.image().storage_permissions()
    }

    /// Writes what it did when it faulted, in one line.
    pub(super) fn write_fault(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.table().spaces().write_fault(self.registers(), out)
    }
}

impl Process for ProcessStandard {
    fn processid(&self) -> ProcessId {
        self.id()
    }

    fn short_app_id(&self) -> ShortId {
        self.image().summary().short_id.into()
    }

    fn binary_version(&self) -> Option<NonZeroU32> {
        let program = self.image().summary().program?;
        NonZeroU32::new(program.version)
    }

    fn get_restart_count(&self) -> usize {
        self.statistics.restarts.get()
    }

    fn get_process_name(&self) -> &str {
        self.image().package_name()
    }

    fn has_tasks(&self) -> bool {
        self.pending_upcalls() > 0
    }

    fn pending_tasks(&self) -> usize {
        self.pending_upcalls()
    }

    fn remove_pending_upcalls(&self, upcall_id: UpcallId) -> usize {
        self.drop_upcalls(upcall_id)
    }

    fn remove_upcall(&self, upcall_id: UpcallId) -> Option<QueuedUpcall> {
        self.take_upcall(upcall_id)
    }

    fn get_state(&self) -> State {
        self.state()
    }

    fn ready(&self) -> bool {
        self.state() == State::Running
    }

    fn is_running(&self) -> bool {
        self.state().is_alive()
    }

    fn stop(&self) {
        self.set_state(self.state().stopped());
    }

    fn resume(&self) {
        self.resume_stopped();
    }

    fn set_fault_state(&self) {
        if self.state().is_alive() {
            self.table().fault(self, FaultReason::Requested);
        }
    }

    fn start(&self, _cap: &dyn ProcessStartCapability) {
        if !self.state().is_alive() {
            self.restart(None);
        }
    }

    fn try_restart(&self, completion_code: Option<u32>) {
        self.restart(completion_code);
    }

    fn terminate(&self, completion_code: Option<u32>) {
        if self.state().is_alive() {
            self.end(State::Terminated, completion_code);
        }
    }

    fn get_completion_code(&self) -> Option<Option<u32>> {
        self.completion_code()
    }

    fn number_writeable_flash_regions(&self) -> usize {
        self.image().writeable_flash_regions().len()
    }

    fn get_writeable_flash_region(&self, region_index: usize) -> (usize, usize) {
        let region = self.image().writeable_flash_regions().nth(region_index);
        region.map_or((0, 0), |region| {
            (region.offset as usize, region.size as usize)
        })
    }

    fn get_command_permissions(&self, driver_num: usize, offset: usize) -> CommandPermissions {
        if !self.is_restricted() {
            return CommandPermissions::NoPermsAtAll;
        }
        self.image().command_permissions(driver_num, offset)
    }

    fn get_storage_permissions(&self) -> StoragePermissions {
        let policy = self.table().storage_policy();
        policy.map_or_else(StoragePermissions::new_null, |policy| {
            policy.get_permissions(self)
        })
    }

    fn grant_allocated_count(&self) -> Option<usize> {
        self.state().is_alive().then(|| self.allocated_grants())
    }

    fn get_addresses(&self) -> ProcessAddresses {
        let image = self.memory().image.addresses();
        let ram = self.memory().ram.addresses();
        ProcessAddresses {
            flash_start: image.start,
            flash_non_protected_start: self.binary_start(),
            flash_end: image.end,
            sram_start: ram.start,
            sram_app_brk: self.app_break(),
            sram_grant_start: self.grant_break(),
            sram_end: ram.end,
            sram_heap_start: self.statistics.heap_start.get(),
            sram_stack_top: self.statistics.stack_top.get(),
        }
    }

    fn get_sizes(&self) -> ProcessSizes {
        let grant_pointers = self.table().grant_count() * size_of::<usize>();
        ProcessSizes {
            grant_pointers,
            address_space: self.address_space_bytes(),
            process_control_block: self.kernel_bytes() - grant_pointers,
        }
    }

    fn debug_syscall_count(&self) -> usize {
        self.statistics.system_calls.get()
    }

    fn debug_dropped_upcall_count(&self) -> usize {
        self.statistics.dropped_upcalls.get()
    }

    fn debug_timeslice_expiration_count(&self) -> usize {
        self.statistics.timeslices_expired.get()
    }

    fn is_restricted(&self) -> bool {
        self.is_restricted()
    }

    fn write_registers(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let spaces = self.table().spaces();
        spaces.write_registers(self.registers(), out)
    }

    fn write_allows(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        for (driver_num, grant) in self.table().grants() {
            let Some(part) = self.kernel_part(grant) else {
                continue;
            };
            for (kind, what) in [
                (Kind::Upcall, "upcall"),
                (Kind::ReadOnly, "read-only"),
                (Kind::ReadWrite, "read-write"),
            ] {
                for (number, (first, second)) in part.pairs(kind).enumerate() {
                    if (first, second) != (0, 0) {
                        writeln!(
                            out,
                            "driver {driver_num:#x} {what} {number}: {first:#x}, {second:#x}"
                        )?;
                    }
                }
            }
        }
        Ok(())
    }
}
