//! The end of the node.

use super::Chat;

impl Chat {
    /// Ends every live stream, and refuses new ones from now on. Messages are still sent and read.
    pub fn close(&self) {
        self.hub.close();
    }
}
