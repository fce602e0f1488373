#include "media/sctp/stack.hpp"

#include <netinet/in.h>
#include <usrsctp.h>

#include <algorithm>

#include "base/assert.hpp"
#include "media/sctp/association.hpp"

namespace vis::media::sctp {
namespace {

constexpr std::uint32_t kStreams = 128;

/// usrsctp's callbacks carry a handle but no stack; this is the one that there is.
Stack* the_stack = nullptr;

}  // namespace

Stack::Stack(TimePoint now) : timers_at_(now) {
  VIS_ASSERT(the_stack == nullptr);
  the_stack = this;
  // Called by usrsctp for every packet of every association.
  const auto on_packet = [](void* address, void* packet, std::size_t size, std::uint8_t,
                            std::uint8_t) -> int {
    if (Association* association = find(reinterpret_cast<Handle>(address))) {
      association->note_packet({static_cast<const std::uint8_t*>(packet), size});
    }
    return 0;
  };
  usrsctp_init_nothreads(0, on_packet, nullptr);
  usrsctp_sysctl_set_sctp_blackhole(2);  // Say nothing to packets that belong to no association.
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_asconf_enable(0);
  usrsctp_sysctl_set_sctp_auth_enable(0);
  usrsctp_sysctl_set_sctp_nr_outgoing_streams_default(kStreams);
}

Stack::~Stack() {
  VIS_ASSERT(associations_.empty());
  // What is left of closed sockets goes when its timers run.
  for (int tries = 0; usrsctp_finish() != 0 && tries < 1000; ++tries) usrsctp_handle_timers(100);
  the_stack = nullptr;
}

void Stack::on_deadline(TimePoint now) {
  owner_.check();
  const auto elapsed = std::chrono::floor<std::chrono::milliseconds>(now - timers_at_);
  if (elapsed < kTick) return;
  timers_at_ += elapsed;
  usrsctp_handle_timers(static_cast<std::uint32_t>(elapsed.count()));
  std::vector<Handle> handles;
  for (const auto& [handle, association] : associations_) {
    if (association->has_work()) handles.push_back(handle);
  }
  std::ranges::sort(handles);
  // An association's sink may destroy another association.
  for (const Handle handle : handles) {
    if (Association* association = find(handle)) association->settle();
  }
}

std::optional<TimePoint> Stack::next_deadline() const {
  if (associations_.empty()) return std::nullopt;
  return timers_at_ + kTick;
}

Stack::Handle Stack::attach(Association& association) {
  owner_.check();
  const Handle handle = ++last_handle_;
  associations_.emplace(handle, &association);
  usrsctp_register_address(reinterpret_cast<void*>(handle));
  return handle;
}

void Stack::detach(Handle handle) {
  owner_.check();
  associations_.erase(handle);
}

Association* Stack::find(Handle handle) {
  VIS_ASSERT(the_stack != nullptr);
  const auto found = the_stack->associations_.find(handle);
  return found == the_stack->associations_.end() ? nullptr : found->second;
}

}  // namespace vis::media::sctp
