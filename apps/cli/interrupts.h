#pragma once

namespace plainsight {

/// From here on Ctrl-C (SIGINT) and SIGTERM set interrupted() instead of ending the process; a second one
/// ends it.
void watch_interrupts();

/// True once one was received: long loops stop at the next safe point.
bool interrupted();

}  // namespace plainsight
