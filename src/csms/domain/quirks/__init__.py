"""What a station gets wrong and is forgiven: which repairs are on for it, and how often each was needed."""
