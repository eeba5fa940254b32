"""python train_alone.py OUT [RESUME]: a run in a process of its own, that saves its model in the end."""

import sys

from subject import DriftGateCallback
from trainer import Trainer

trainer = Trainer(sys.argv[1], DriftGateCallback(), steps=6)
trainer.train(resume=sys.argv[2] if len(sys.argv) > 2 else None)
print("SAVED")
