"""The instances that ask this marketplace: who they are, that they are alive, and what they run."""
