import unittest

from case import Case
from subject import DriftGateCallback, GateFailed, Settings


class SettingsTest(Case):
    def test_come_from_the_environment_where_they_are_not_given(self):
        self.environment(
            DRIFTGATE_URL="http://gate:1",
            DRIFTGATE_BASE="demo",
            DRIFTGATE_RUN_AHEAD="3",
            DRIFTGATE_ACCEPT="pass,inconclusive",
            DRIFTGATE_TIMEOUT_S="7.5",
            DRIFTGATE_TOKEN="secret",
            DRIFTGATE_QUARANTINE="1",
        )
        settings = Settings(base="other")
        self.assertEqual((settings.url, settings.base, settings.run_ahead), ("http://gate:1", "other", 3))
        self.assertEqual(settings.accepted, {"pass", "inconclusive"})
        self.assertEqual((settings.timeout_s, settings.token, settings.quarantine), (7.5, "secret", True))
        self.assertNotIn("secret", repr(settings))

    def test_url_and_base_are_required(self):
        with self.assertRaisesRegex(ValueError, "url is missing.*DRIFTGATE_URL"):
            DriftGateCallback(base="demo")
        with self.assertRaisesRegex(ValueError, "base is missing"):
            DriftGateCallback(url="http://127.0.0.1:1")

    def test_what_can_not_be_meant_is_refused_before_training(self):
        good = {"url": "http://127.0.0.1:1", "base": "demo"}
        for wrong in (
            {"url": "127.0.0.1:8000"},
            {"url": "file:///etc/passwd"},
            {"url": "http://"},
            {"accept": "passed"},
            {"accept": ()},
            {"accept": ("pass", "skipped")},
            {"run_ahead": -1},
            {"run_ahead": 0.5},
            {"timeout_s": float("nan")},
            {"timeout_s": float("inf")},
            {"grace_s": -1},
        ):
            with self.subTest(**wrong), self.assertRaisesRegex(ValueError, f"driftgate: {next(iter(wrong))}"):
                DriftGateCallback(**{**good, **wrong})
        self.environment(DRIFTGATE_RUN_AHEAD="many")
        with self.assertRaisesRegex(ValueError, "DRIFTGATE_RUN_AHEAD"):
            DriftGateCallback(**good)

    def test_an_unknown_setting_is_refused(self):
        with self.assertRaises(TypeError):
            DriftGateCallback(url="http://127.0.0.1:1", base="demo", fail_open=True)

    def test_the_exception_ends_a_process_with_its_code(self):
        self.assertEqual(GateFailed("why", 4).code, 4)
        self.assertEqual(str(GateFailed("why", 4)), "why")
        self.assertIsInstance(GateFailed("why"), SystemExit)


if __name__ == "__main__":
    unittest.main()
