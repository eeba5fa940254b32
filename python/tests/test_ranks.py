import sys
import threading
import types
import unittest

from case import Case
from subject import GateFailed
from trainer import Trainer


class FakeProcesses:
    """``torch.distributed`` for ranks that are threads."""

    def __init__(self, size):
        self.size, self.rank, self.barrier, self.box, self.groups = (
            size,
            threading.local(),
            threading.Barrier(size),
            [None],
            [],
        )
        module = types.ModuleType("torch.distributed")
        module.is_available = lambda: True
        module.is_initialized = lambda: True
        module.get_world_size = lambda: size
        module.new_group = self.new_group
        module.broadcast_object_list = self.broadcast
        torch = types.ModuleType("torch")
        torch.distributed = module
        self.modules = {"torch": torch, "torch.distributed": module}

    def new_group(self, backend, timeout):
        self.groups.append((backend, timeout.total_seconds()))
        return "group"

    def broadcast(self, objects, src, group):
        if self.rank.value == src:
            self.box = list(objects)
        self.barrier.wait(10)
        objects[:] = self.box
        self.barrier.wait(10)


class Ranks(Case):
    def run_ranks(self, service, size=2, **how):
        processes = FakeProcesses(size)
        before = {name: sys.modules.get(name) for name in processes.modules}
        sys.modules.update(processes.modules)
        self.addCleanup(
            lambda: [
                sys.modules.pop(name) if was is None else sys.modules.update({name: was})
                for name, was in before.items()
            ]
        )
        ended = {}

        def rank(number):
            processes.rank.value = number
            trainer = Trainer(
                self.out if number == 0 else self.out / f"rank-{number}", self.callback(service, **how), steps=20
            )
            trainer.state.is_world_process_zero = number == 0
            try:
                trainer.train()
                ended[number] = (0, trainer.state.global_step, "")
            except GateFailed as failed:
                ended[number] = (failed.code, trainer.state.global_step, str(failed))

        threads = [threading.Thread(target=rank, args=(number,), daemon=True) for number in range(size)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        self.assertEqual(len(ended), size, "a rank hangs")
        self.groups = processes.groups
        return ended

    def test_all_stop_at_the_same_step_and_only_the_first_asks(self):
        service = self.service(verdicts={4: "fail"})
        ended = self.run_ranks(service, size=3)
        self.assertEqual({(code, step) for code, step, _ in ended.values()}, {(3, 4)})
        self.assertEqual(len({message for _, _, message in ended.values()}), 1)
        self.assertEqual([post["step"] for post in service.posts], [2, 4])

    def test_they_meet_on_gloo_with_time_for_every_verdict(self):
        self.run_ranks(self.service(), timeout_s=100, run_ahead=1)
        self.assertEqual(self.groups, [("gloo", 900.0)] * 2)

    def test_none_starts_when_the_first_can_not(self):
        service = self.service(api=2)
        ended = self.run_ranks(service)
        self.assertEqual({(code, step) for code, step, _ in ended.values()}, {(4, 0)})

    def test_an_error_of_the_first_stops_all(self):
        service = self.service()
        (self.out / "driftgate").write_text("a file where a folder has to be")
        ended = self.run_ranks(service)
        self.assertEqual({code for code, _, _ in ended.values()}, {4})


if __name__ == "__main__":
    unittest.main()
