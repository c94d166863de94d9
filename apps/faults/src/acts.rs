// Every act, and what must come of it. The app and its system test both include this table, each with a macro of
// its own.
//
//   act faults "REASON"            the kernel stops the process, and says that in its log
//   act ends                       the process finds nothing wrong, says so, and ends with code 0
//   act ends_or_faults "REASON"    which of both depends on the processor
//   act runs                       the process goes on for ever
//   act restarts                   the process starts itself anew, again and again
//
// None may harm the kernel or anyone else.
acts! {
    memory {
        null_read faults "page fault (exception 14), read at 0x0,";
        null_write faults "page fault (exception 14), write at 0x0,";
        null_call faults "page fault (exception 14), execute at 0x0,";
        kernel_read faults "page fault (exception 14), read at 0xffffffff80100000,";
        kernel_write faults "page fault (exception 14), write at 0xffffffff80100000,";
        kernel_call faults "page fault (exception 14), execute at 0xffffffff80100000,";
        physical_read faults "page fault (exception 14), read at 0xffff800000100000,";
        screen_read faults "page fault (exception 14), read at 0xb8000,";
        noncanonical_read faults "general protection fault (exception 13)";
        noncanonical_call faults "general protection fault (exception 13)";
        last_page_call faults "page fault (exception 14), execute at 0x7ffffffffffe,";
        image_write faults "page fault (exception 14), write at 0x400100,";
        image_end_read faults "page fault (exception 14), read";
        below_ram_read faults "page fault (exception 14), read at 0x4fffff,";
        gap_read faults "page fault (exception 14), read";
        grant_read faults "page fault (exception 14), read";
        grant_write faults "page fault (exception 14), write";
        ram_end_read faults "page fault (exception 14), read";
        ram_call faults "page fault (exception 14), execute";
        stack_overflow faults "page fault (exception 14), write";
        stack_lost faults "page fault (exception 14), write at 0x0,";
        stack_in_kernel faults "page fault (exception 14), write at 0xffffffff801ffff8,";
        stack_noncanon faults "stack-segment fault (exception 12)" "general protection fault (exception 13)";
        trap_in_kernel faults "invalid opcode (exception 6)";
        trap_noncanon faults "invalid opcode (exception 6)";
    }
    instructions {
        cli faults "general protection fault (exception 13)";
        sti faults "general protection fault (exception 13)";
        hlt faults "general protection fault (exception 13)";
        port_in faults "general protection fault (exception 13)";
        port_in_dx faults "general protection fault (exception 13)";
        port_in_last faults "general protection fault (exception 13)";
        port_out faults "general protection fault (exception 13)";
        port_ins faults "general protection fault (exception 13)";
        port_outs faults "general protection fault (exception 13)";
        read_cr0 faults "general protection fault (exception 13)";
        read_cr2 faults "general protection fault (exception 13)";
        read_cr3 faults "general protection fault (exception 13)";
        read_cr4 faults "general protection fault (exception 13)";
        read_cr8 faults "general protection fault (exception 13)";
        write_cr0 faults "general protection fault (exception 13)";
        write_cr2 faults "general protection fault (exception 13)";
        write_cr3 faults "general protection fault (exception 13)";
        write_cr4 faults "general protection fault (exception 13)";
        write_cr8 faults "general protection fault (exception 13)";
        read_dr0 faults "general protection fault (exception 13)";
        read_dr7 faults "general protection fault (exception 13)";
        write_dr0 faults "general protection fault (exception 13)";
        write_dr7 faults "general protection fault (exception 13)";
        rdmsr faults "general protection fault (exception 13)";
        wrmsr faults "general protection fault (exception 13)";
        rdpmc faults "general protection fault (exception 13)";
        // Not every processor has it.
        xsetbv faults "general protection fault (exception 13)" "invalid opcode (exception 6)";
        lgdt faults "general protection fault (exception 13)";
        lidt faults "general protection fault (exception 13)";
        lldt faults "general protection fault (exception 13)";
        ltr faults "general protection fault (exception 13)";
        lmsw faults "general protection fault (exception 13)";
        clts faults "general protection fault (exception 13)";
        // These five where the processor can prevent them (UMIP), as QEMU's can.
        sgdt faults "general protection fault (exception 13)";
        sidt faults "general protection fault (exception 13)";
        sldt faults "general protection fault (exception 13)";
        str_ faults "general protection fault (exception 13)";
        smsw faults "general protection fault (exception 13)";
        invd faults "general protection fault (exception 13)";
        wbinvd faults "general protection fault (exception 13)";
        invlpg faults "general protection fault (exception 13)";
        swapgs faults "general protection fault (exception 13)";
        sysretq faults "general protection fault (exception 13)";
        // In 64-bit mode Intel's processors have both, AMD's have neither.
        sysexit faults "general protection fault (exception 13)" "invalid opcode (exception 6)";
        sysenter faults "general protection fault (exception 13)" "invalid opcode (exception 6)";
        jump_to_kernel faults "general protection fault (exception 13)";
        call_to_kernel faults "general protection fault (exception 13)";
        // QEMU 7.2 takes what these read from the stack for the kernel's access, which SMAP prevents.
        iretq_to_kernel faults "general protection fault (exception 13)" "page fault (exception 14), read";
        retf_to_kernel faults "general protection fault (exception 13)" "page fault (exception 14), read";
        nested_iretq faults "general protection fault (exception 13)" "page fault (exception 14), read";
        monitor faults "invalid opcode (exception 6)";
        stac faults "invalid opcode (exception 6)";
        wrfsbase faults "invalid opcode (exception 6)";
        wrpkru faults "invalid opcode (exception 6)";
        vmmcall faults "invalid opcode (exception 6)";
        vmcall faults "invalid opcode (exception 6)";
        rsm faults "invalid opcode (exception 6)";
        ud2 faults "invalid opcode (exception 6)";
        ud2_backwards faults "invalid opcode (exception 6)";
        int3 faults "general protection fault (exception 13)";
        int1 faults "debug exception (exception 1)" "invalid opcode (exception 6)";
        int_0x20 faults "general protection fault (exception 13)";
        int_0x40 faults "system call by the wrong instruction";
        int_0x80 faults "general protection fault (exception 13)";
        single_step faults "debug exception (exception 1)";
        step_into_call faults "debug exception (exception 1)";
        divide_by_zero faults "divide error (exception 0)";
        divide_overflow faults "divide error (exception 0)";
        x87_error faults "x87 floating-point error (exception 16)";
        // QEMU's emulation does not raise it.
        simd_error ends_or_faults "SIMD floating-point error (exception 19)";
        unaligned ends;
        interrupts_off runs;
    }
    segments {
        narrow_code ends;
        narrow_int_0x40 faults "system call by the wrong instruction";
        narrow_syscall faults "system call by the wrong instruction";
        narrow_sysenter faults "general protection fault (exception 13)";
        narrow_int_0x80 faults "general protection fault (exception 13)";
        narrow_into faults "general protection fault (exception 13)";
        narrow_bound faults "bound range exceeded (exception 5)";
        // QEMU lets a process into this mode, other processors do not; with SMAP see above.
        virtual_8086 ends_or_faults "virtual-8086 mode" "page fault (exception 14), read";
        segments_one ends;
        segments_two ends;
        all_selectors ends;
    }
    floating_point {
        vectors_one ends;
        vectors_two ends;
        vectors_three ends;
    }
    system_calls {
        class_8 faults "there is no system call class 8";
        class_wide faults "there is no system call class 4294967298";
        class_last faults "there is no system call class 18446744073709551615";
        yield_3 faults "there is no yield 3";
        yield_last faults "there is no yield 18446744073709551615";
        no_driver ends;
        unknown_command ends;
        unknown_exit ends;
        unknown_memop ends;
        yield_byte ends;
        stacks ends;
        flags ends;
        flags_over_time ends;
        garbage ends;
        full_queue ends;
        exit_in_upcall ends;
        restart_in_upcall restarts;
    }
    lends {
        lend_bad ends;
        lend_empty ends;
        lend_unaligned ends;
        lend_image ends;
        lend_overlapping ends;
        lend_own_stack ends;
        subscribe_bad ends;
        break_bad ends;
        break_under_loan ends;
    }
}
