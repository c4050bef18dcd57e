//! What is said of an excess; that each is found is tried in `tests/walls/excess.rs`.

use super::*;

#[test]
fn an_excess_says_what_is_too_much() {
    let kinds = [
        (ExcessKind::Processes, 5000, 4096),
        (ExcessKind::Memory, 5_500_000_000, 4 << 30),
        (ExcessKind::SpareMemory, 300 << 20, 512 << 20),
        (ExcessKind::Disk, 11 << 30, 10 << 30),
        (ExcessKind::SpareDisk, 1000, 1 << 10),
    ];
    let lines = kinds.map(|(kind, amount, limit)| {
        let culprit = Culprit::Everything;
        format!(
            "{}\n",
            Excess {
                kind,
                amount,
                limit,
                culprit
            }
        )
    });
    expect_test::expect![[r#"
        it ran 5000 processes and threads at one time; a task may run 4096
        it took 5.1 GiB of memory; a task may take 4.0 GiB
        it took memory until only 300.0 MiB were left on the machine; 512.0 MiB must stay free
        the task's files took 11.0 GiB of disk; they may take 10.0 GiB
        only 1000 bytes were left on the disk; 1.0 KiB must stay free
    "#]]
    .assert_eq(&lines.concat());
}
