#include "media/sfu/stray_media.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/limits/media_sfu.hpp"
#include "media/sfu/transport.hpp"

namespace vis::media::sfu {

void StrayMedia::on_stray(TimePoint now, const ice::Path& path) {
  if (now < next_search_at_) return;
  const auto neighbours = context_.addresses.at(path.remote.ip);
  if (neighbours.empty()) return;
  next_search_at_ = now + kSearchInterval;
  std::vector<Transport*> silent;
  for (Transport* const transport : neighbours) {
    if (now - transport->heard_at() >= kSilence) silent.push_back(transport);
  }
  // Who fell silent last is the likeliest; some have had nothing to say for long.
  std::ranges::sort(silent, std::ranges::greater{}, &Transport::heard_at);
  std::size_t asked = 0;
  for (Transport* const transport : silent) {
    if (!transport->check_move(now, path)) continue;
    context_.touch(transport->id());
    if (++asked == limits::kStrayAsked) return;
  }
}

}  // namespace vis::media::sfu
