"""Training: samples and lessons -> examples -> crops -> losses -> a network that learned them."""
