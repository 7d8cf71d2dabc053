"""What the application tells about itself: traces, metrics and log lines."""
