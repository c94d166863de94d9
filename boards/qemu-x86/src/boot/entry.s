# From the loader's 32-bit world to Rust in long mode.
#
# QEMU enters at `pvh_start` (named by the ELF note below), GRUB at `multiboot2_start` (named by the
# header). Both come in 32-bit protected mode with flat segments, paging off, EBX pointing to the loader's
# information. The kernel is linked high and runs low until paging is on, so addresses are written
# `symbol - IMAGE_OFFSET` up to there.
#
# The tables below see the first gigabyte in three places: at 0 for this code, at PHYSICAL_MEMORY and at
# IMAGE_OFFSET for the kernel. `paging::protect` replaces them.

.set IMAGE_OFFSET, 0xffffffff80000000

.set PVH, 0
.set MULTIBOOT2, 1

.section .note.pvh, "a", @note
.balign 4
        .long   4, 8, 18                # name size, descriptor size, XEN_ELFNOTE_PHYS32_ENTRY
        .asciz  "Xen"
        .quad   pvh_start - IMAGE_OFFSET

.section .multiboot2, "ax"
.balign 8
multiboot2_header:
        .long   0xe85250d6, 0           # magic, architecture i386
        .long   multiboot2_header_end - multiboot2_header
        .long   -(0xe85250d6 + (multiboot2_header_end - multiboot2_header))
        .short  3, 0                    # entry address tag
        .long   12
        .long   multiboot2_start - IMAGE_OFFSET
        .balign 8
        .short  0, 0                    # end tag
        .long   8
multiboot2_header_end:

.section .boot.text, "ax"
.code32
pvh_start:
        rdtsc                           # EDX:EAX: the kernel's first moment
        mov     $PVH, %edi
        jmp     enter_long_mode

multiboot2_start:
        rdtsc
        mov     $MULTIBOOT2, %edi

enter_long_mode:
        cli
        cld
        mov     %eax, first_moment - IMAGE_OFFSET
        mov     %edx, first_moment - IMAGE_OFFSET + 4

        mov     %cr4, %eax
        or      $0x20, %eax             # physical address extension
        mov     %eax, %cr4
        mov     $(level_4 - IMAGE_OFFSET), %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx       # extended feature enable register
        rdmsr
        or      $0x900, %eax            # long mode, no-execute pages
        wrmsr
        mov     %cr0, %eax
        or      $0x80010000, %eax       # paging, write protection in the kernel
        mov     %eax, %cr0

        lgdt    gdt_pointer - IMAGE_OFFSET
        ljmp    $8, $(long_mode - IMAGE_OFFSET)

.code64
long_mode:
        movabs  $high, %rax
        jmp     *%rax
high:
        xor     %eax, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %fs
        mov     %eax, %gs
        mov     %eax, %ss
        lea     stack_end(%rip), %rsp
        mov     %ebx, %esi              # arguments: which loader, and its information
        xor     %ebp, %ebp
        call    start
        ud2

.section .data.boot, "aw"
.balign 8
gdt:
        .quad   0
        .quad   0x00af9a000000ffff      # 64-bit code
gdt_pointer:
        .short  gdt_pointer - gdt - 1
        .long   gdt - IMAGE_OFFSET

.balign 8
.global first_moment
first_moment:
        .quad   0

# 3: present, writable. 0x83: a page of 2 MiB.
.balign 4096
level_4:
        .quad   level_3_low - IMAGE_OFFSET + 3
        .fill   255, 8, 0
        .quad   level_3_low - IMAGE_OFFSET + 3
        .fill   254, 8, 0
        .quad   level_3_high - IMAGE_OFFSET + 3
level_3_low:
        .quad   level_2 - IMAGE_OFFSET + 3
        .fill   511, 8, 0
level_3_high:
        .fill   510, 8, 0
        .quad   level_2 - IMAGE_OFFSET + 3
        .quad   0
level_2:
        .set    page, 0
        .rept   512
        .quad   page * 0x200000 + 0x83
        .set    page, page + 1
        .endr
