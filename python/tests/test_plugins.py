import importlib
import os
import sys
import types
import unittest

import subject
from case import Case
from trainer import Namespace, write_weights

ONLY_PACKAGE = unittest.skipIf(subject.name != "driftgate_trl", "the single file is the callback alone")


@ONLY_PACKAGE
class Axolotl(Case):
    def test_the_plugin_adds_the_callback_with_settings_from_the_environment(self):
        self.environment(DRIFTGATE_URL=self.service().url, DRIFTGATE_BASE="demo", DRIFTGATE_RUN_AHEAD="2")
        from driftgate_trl.axolotl import Plugin

        (callback,) = Plugin().add_callbacks_post_trainer({}, None)
        self.assertIsInstance(callback, subject.DriftGateCallback)
        self.assertEqual(callback.settings.run_ahead, 2)

    def test_a_missing_setting_is_no_import_error_which_axolotl_would_only_log(self):
        from driftgate_trl.axolotl import Plugin

        with self.assertRaises(ValueError):
            Plugin().add_callbacks_post_trainer({}, None)


@ONLY_PACKAGE
class Swift(Case):
    def test_the_file_registers_a_callback_that_swift_can_make(self):
        callbacks = types.ModuleType("swift.callbacks")
        callbacks.callbacks_map = {}
        sys.modules.update({"swift": types.ModuleType("swift"), "swift.callbacks": callbacks})
        self.addCleanup(lambda: [sys.modules.pop(name) for name in ("swift", "swift.callbacks")])
        import driftgate_trl

        path = os.path.join(os.path.dirname(driftgate_trl.__file__), "swift.py")
        spec = importlib.util.spec_from_file_location("external_plugin", path)
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        self.environment(DRIFTGATE_URL=self.service().url, DRIFTGATE_BASE="demo")
        callback = callbacks.callbacks_map["driftgate"](Namespace(output_dir="out"), None)
        self.assertIsInstance(callback, subject.DriftGateCallback)


class PPOTrainer:
    """As verl's, in what matters: the counter moves on after the last save."""

    def __init__(self, folder, steps=6, resume=0, weights=True):
        self.config = Namespace(trainer=Namespace(default_local_dir=str(folder)))
        self.total_training_steps, self.resume, self.weights, self.global_steps = steps, resume, weights, 0

    def _load_checkpoint(self):
        self.global_steps = self.resume

    def _save_checkpoint(self):
        folder = os.path.join(
            self.config.trainer.default_local_dir, f"global_step_{self.global_steps}", "actor", "huggingface"
        )
        os.makedirs(folder, exist_ok=True)
        if self.weights:
            write_weights(os.path.join(folder, "model.safetensors"), self.global_steps)
        return "saved"

    def fit(self):
        self._load_checkpoint()
        self.global_steps += 1
        while self.global_steps <= self.total_training_steps:
            if self.global_steps % 2 == 0:
                self._save_checkpoint()
            self.global_steps += 1


@ONLY_PACKAGE
class Verl(Case):
    def setUp(self):
        super().setUp()
        from driftgate_trl import verl

        self.verl = verl
        self.trainer_class = type("PPOTrainer", (PPOTrainer,), dict(vars(PPOTrainer)))
        verl.watch(self.trainer_class)

    def use(self, service):
        self.environment(
            DRIFTGATE_URL=service.url, DRIFTGATE_BASE="demo", DRIFTGATE_RUN_AHEAD="0", DRIFTGATE_GRACE_S="0.2"
        )
        return service

    def test_every_checkpoint_is_judged_in_the_folder_of_its_weights(self):
        service = self.use(self.service())
        self.trainer_class(self.out).fit()
        self.assertEqual([post["step"] for post in service.posts], [2, 4, 6])
        self.assertEqual(service.posts[0]["checkpoint"], str(self.out / "global_step_2" / "actor" / "huggingface"))
        self.assertIs(service.posts[-1]["final"], True)

    def test_a_failure_ends_the_driver_with_an_error_that_ray_passes_on(self):
        self.use(self.service(verdicts={4: "fail"}))
        trainer = self.trainer_class(self.out)
        with self.assertRaisesRegex(self.verl.GateStopped, "step 4: fail; last good step: 2"):
            trainer.fit()
        self.assertEqual(trainer.global_steps, 4)
        self.assertNotIsInstance(self.verl.GateStopped("x"), SystemExit)

    def test_a_service_that_is_away_ends_it_before_a_step(self):
        service = self.use(self.service())
        service.close()
        trainer = self.trainer_class(self.out)
        with self.assertRaisesRegex(self.verl.GateStopped, "nothing was trained"):
            trainer.fit()
        self.assertEqual(trainer.global_steps, 0)

    def test_a_last_step_that_was_not_saved_is_not_accepted(self):
        self.use(self.service())
        with self.assertRaisesRegex(self.verl.GateStopped, "step 7: ungated"):
            self.trainer_class(self.out, steps=7).fit()

    def test_without_weights_in_the_form_of_transformers_it_says_what_to_set(self):
        self.use(self.service())
        with self.assertRaisesRegex(self.verl.GateStopped, "save_contents"):
            self.trainer_class(self.out, weights=False).fit()

    def test_a_resume_from_a_checkpoint_that_failed_is_refused(self):
        service = self.use(self.service(verdicts={4: "fail"}))
        with self.assertRaises(self.verl.GateStopped):
            self.trainer_class(self.out).fit()
        service.verdicts = {}
        with self.assertRaisesRegex(self.verl.GateStopped, "step 4 is not accepted: fail"):
            self.trainer_class(self.out, resume=4).fit()
        trainer = self.trainer_class(self.out, resume=2)
        trainer.fit()
        self.assertEqual(self.verdict(6), "pass")

    def test_the_entry_point_changes_trainers_when_they_are_imported(self):
        self.use(self.service())
        packages = ["verl", "verl/trainer", "verl/trainer/ppo", "verl/trainer/ppo/v1"]
        for package in packages:
            (self.folder / package).mkdir()
            (self.folder / package / "__init__.py").write_text("")
        (self.folder / "verl/trainer/ppo/v1/trainer_base.py").write_text(
            "from test_plugins import PPOTrainer as Base\nPPOTrainer = type('PPOTrainer', (Base,), dict(vars(Base)))\n"
        )
        (self.folder / "verl/trainer/ppo/ray_trainer.py").write_text("class RayPPOTrainer:\n    pass\n")
        sys.path.insert(0, str(self.folder))
        self.addCleanup(sys.path.remove, str(self.folder))
        self.addCleanup(lambda: [sys.modules.pop(name) for name in list(sys.modules) if name.split(".")[0] == "verl"])
        self.verl.install()
        module = importlib.import_module("verl.trainer.ppo.v1.trainer_base")
        self.assertTrue(module.PPOTrainer._driftgate_watched)
        with self.assertRaises(AttributeError):
            importlib.import_module("verl.trainer.ppo.ray_trainer")

    def test_nothing_is_changed_without_an_address(self):
        code = "import sys, driftgate_trl.verl; sys.exit(any('driftgate' in type(f).__module__ for f in sys.meta_path))"
        import subprocess

        environment = {name: value for name, value in os.environ.items() if name != "DRIFTGATE_URL"}
        environment["PYTHONPATH"] = os.pathsep.join(sys.path)
        self.assertEqual(subprocess.run([sys.executable, "-c", code], env=environment).returncode, 0)


if __name__ == "__main__":
    unittest.main()
