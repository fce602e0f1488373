#pragma once

#include "base/time.hpp"

namespace vis::test {

/// Sets the clock of usrsctp. The library measures with gettimeofday(2) how long ago it sent a
/// chunk, and does not send it again too soon: a simulation that runs ahead of that clock loses its
/// retransmissions. A test program that links sctp_clock.cpp has that function replaced; the time
/// stands still between the calls.
void set_sctp_clock(TimePoint now);

}  // namespace vis::test
