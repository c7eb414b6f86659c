-- What came of an attempt on each of a client's devices, where it went to devices: a list of what
-- stands for the device, how it ended, and what was said.
ALTER TABLE attempts ADD COLUMN devices TEXT;
