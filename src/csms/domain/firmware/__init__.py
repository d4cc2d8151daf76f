"""Files that go to stations and come from them: firmware, diagnostics, logs; jobs and campaigns. Imports commands and lower."""
