"""What Bluesky costs, beside a bare echo and the usual Python stack: `python -m bench` (or `make bench`).

Each server under test and the load generator are processes of their own; figures come from the operating system."""
