#include "media/sfu/egress.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace vis::media::sfu {

EgressQueue::EgressQueue(std::size_t buffer_bytes) : buffer_(buffer_bytes) {
  runs_.reserve(kMaxRuns);
}

void EgressQueue::push(const ice::Path& path, Bytes datagram) {
  VIS_ASSERT(datagram.size() <= kMaxDatagram);
  std::ranges::copy(datagram, reserve().begin());
  commit(path, datagram.size());
}

void EgressQueue::flush(EgressSink& sink) {
  if (runs_.empty()) return;
  sink.send(runs_);
  runs_.clear();
  used_ = 0;
}

}  // namespace vis::media::sfu
