//! Where a value in a growing buffer ends, by quotes and brackets only.

use memchr::memchr2;

/// A scan for the end of one value, which continues when the buffer has grown.
#[derive(Default)]
pub(super) struct Boundary {
    /// Everything before this offset of the buffer has been scanned.
    pub(super) at: usize,
    depth: usize,
    in_string: bool,
}

impl Boundary {
    /// Resets the state; the scan continues with the next value.
    pub(super) fn reset(&mut self) {
        (self.depth, self.in_string) = (0, false);
    }

    /// Continues after an opening bracket at the current offset.
    pub(super) fn enter(&mut self) {
        self.depth = 1;
        self.at += 1;
    }

    /// Scans to the end of the value that begins at `start`. Returns whether the buffer holds it.
    pub(super) fn reach_end(&mut self, buffer: &[u8], start: usize) -> bool {
        while let Some(&byte) = buffer.get(self.at) {
            if self.in_string {
                if !self.skip_string(buffer) {
                    return false;
                }
                if self.depth == 0 {
                    return true;
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' if self.depth > 1 => self.depth -= 1,
                b'}' | b']' => {
                    // A bracket that closes nothing ends a scalar of a list, or is an error.
                    let closes = self.depth == 1;
                    self.at += usize::from(closes || self.at == start);
                    return true;
                }
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' if self.depth == 0 => {
                    self.at += usize::from(self.at == start);
                    return true;
                }
                _ => {}
            }
            self.at += 1;
        }
        false
    }

    /// Skips the rest of the current string. Returns whether the buffer holds its end.
    fn skip_string(&mut self, buffer: &[u8]) -> bool {
        loop {
            let Some(found) = memchr2(b'"', b'\\', &buffer[self.at..]) else {
                self.at = buffer.len();
                return false;
            };
            let found = self.at + found;
            if buffer[found] == b'"' {
                self.at = found + 1;
                self.in_string = false;
                return true;
            }
            if found + 1 >= buffer.len() {
                self.at = found;
                return false;
            }
            self.at = found + 2;
        }
    }
}
