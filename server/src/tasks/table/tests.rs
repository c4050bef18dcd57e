//! Random sequences against a model of plain lists: never more than the limit at once, the queue's order kept, each turn
//! run at most once, and none lost.

use super::*;
use crate::tasks::{Access, TaskKind, TaskSurface};

fn request(prompt: &str) -> TaskRequest {
    TaskRequest {
        kind: TaskKind::Custom,
        title: prompt.to_owned(),
        prompt: prompt.to_owned(),
        target: None,
        access: Access::Write,
        mode: None,
        surface: TaskSurface::Progress,
        continues: None,
    }
}

/// What the table should do, as lists.
#[derive(Default)]
struct Model {
    /// Turns that wait in the queue: the task, in order.
    queue: Vec<u32>,
    /// Of each task: the prompts that wait.
    next: BTreeMap<u32, VecDeque<String>>,
    running: Vec<u32>,
    landing: Vec<u32>,
}

impl Model {
    fn wait(&mut self, id: u32) {
        let has_more = self.next.get(&id).is_some_and(|next| !next.is_empty());
        let is_at_work =
            self.queue.contains(&id) || self.running.contains(&id) || self.landing.contains(&id);
        if has_more && !is_at_work {
            self.queue.push(id);
        }
    }

    fn start(&mut self, limit: usize) -> Vec<(u32, String)> {
        let mut started = Vec::new();
        while self.running.len() < limit && !self.queue.is_empty() {
            let id = self.queue.remove(0);
            let prompt = self.next.get_mut(&id).and_then(VecDeque::pop_front);
            self.running.push(id);
            started.push((id, prompt.unwrap_or_default()));
        }
        started
    }
}

#[test]
fn any_sequence_keeps_the_limit_and_the_order_and_loses_nothing() {
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut table, mut model) = (TaskTable::default(), Model::default());
        let mut count = 0;
        for step in 0..120 {
            let limit = random.usize(1..4);
            let pick = |random: &mut fastrand::Rng, ids: &[u32]| random.choice(ids).copied();
            let all: Vec<u32> = (1..=count).collect();
            match random.u32(0..6) {
                0 => {
                    count += 1;
                    let prompt = format!("{seed}-{step}");
                    let id = table.add(Turn::of(request(&prompt)));
                    assert_eq!(id, TaskId(count));
                    model.next.entry(count).or_default().push_back(prompt);
                    model.wait(count);
                }
                1 => {
                    if let Some(id) = pick(&mut random, &all) {
                        let prompt = format!("{seed}-{step}");
                        table.continue_with(TaskId(id), Turn::of(request(&prompt)));
                        model.next.entry(id).or_default().push_back(prompt);
                        model.wait(id);
                    }
                }
                2 => {
                    if let Some(id) = pick(&mut random, &all) {
                        let stopped = table.stop(TaskId(id));
                        let expected = if model.running.contains(&id) {
                            Stopped::Running
                        } else if model.queue.contains(&id) {
                            Stopped::Unqueued
                        } else {
                            Stopped::Idle
                        };
                        assert_eq!(stopped, expected, "seed {seed} step {step}");
                        model.next.entry(id).or_default().clear();
                        model.queue.retain(|queued| *queued != id);
                    }
                }
                3 => {
                    if let Some(id) = pick(&mut random, &model.running) {
                        let state = random
                            .choice([TaskState::Done, TaskState::Failed, TaskState::Landing])
                            .unwrap_or(TaskState::Done);
                        model.running.retain(|running| *running != id);
                        if state == TaskState::Landing {
                            model.landing.push(id);
                        }
                        table.set_state(TaskId(id), state);
                        model.wait(id);
                    }
                }
                4 => {
                    if let Some(id) = pick(&mut random, &model.landing) {
                        model.landing.retain(|landing| *landing != id);
                        table.set_state(TaskId(id), TaskState::Done);
                        model.wait(id);
                    }
                }
                _ => {
                    let mut started = Vec::new();
                    while let Some((id, turn)) = table.start_next(limit) {
                        started.push((id.0, turn.request.prompt));
                    }
                    assert_eq!(started, model.start(limit), "seed {seed} step {step}");
                }
            }
            let queue: Vec<u32> = table.queue().map(|id| id.0).collect();
            assert_eq!(queue, model.queue, "seed {seed} step {step}");
            let running = table.all().filter(|task| task.state == TaskState::Running);
            let running: Vec<u32> = running.map(|task| task.id.0).collect();
            let mut expected = model.running.clone();
            expected.sort_unstable();
            assert_eq!(running, expected, "seed {seed} step {step}");
            for (place, id) in model.queue.iter().enumerate() {
                assert_eq!(table.before(TaskId(*id)), Some(place));
            }
        }
    }
}

#[test]
fn a_stopped_task_whose_earlier_changes_wait_still_has_them() {
    let mut table = TaskTable::default();
    let id = table.add_idle(request("a"), TaskState::Proposed);
    if let Some(task) = table.get_mut(id) {
        task.twin = TwinOnDisk::Unsettled;
    }
    table.continue_with(id, Turn::of(request("b")));
    assert_eq!(table.stop(id), Stopped::Unqueued);
    assert_eq!(
        table.get(id).map(|task| task.state),
        Some(TaskState::Proposed)
    );
}

#[test]
fn only_what_came_to_no_end_goes_on() {
    let mut table = TaskTable::default();
    let id = table.add_idle(request("a"), TaskState::Failed);
    let mut goes_on = |failure: Option<&str>, turn, was_stopped, is_broken_off| {
        let task = table.get_mut(id).expect("it was added");
        task.thread = Some("thread".into());
        task.is_broken_off = is_broken_off;
        task.ended = Some(Arc::new(EndedTurn {
            failure: failure.map(String::from),
            turn,
            was_stopped,
            ..EndedTurn::default()
        }));
        task.can_go_on()
    };
    assert!(goes_on(Some("offline"), 1, false, false));
    assert!(goes_on(None, 0, false, true));
    assert!(!goes_on(None, 1, false, false));
    assert!(!goes_on(Some("no key"), 0, false, false));
    assert!(!goes_on(Some("stopped"), 1, true, false));
}
