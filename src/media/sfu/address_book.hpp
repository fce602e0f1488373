#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/limits/media_ice.hpp"
#include "media/ice/output.hpp"

namespace vis::media::sfu {

class Transport;

/// Whose datagram is this? Clients are known by the path that their ICE agent selected, by the
/// name in their connectivity checks before that, and, for answers to checks of ours, by where
/// those went. Owned by the engine; transports enter and remove themselves.
class AddressBook final {
 public:
  /// Media and DTLS are taken from a selected path alone.
  Transport* by_selected(const ice::Path& path) const;
  Transport* by_ufrag(std::string_view local_ufrag) const;
  Transport* by_checked(const ice::Path& path) const;
  /// All whose selected path leads to that address, whatever the port.
  std::span<Transport* const> at(const IpAddress& ip) const;

  /// A transport has one selected path. A peer that takes over one (a port re-used behind
  /// a NAT) has proven to ICE that it is there; the former owner has not lately.
  void select(Transport& transport, const ice::Path& path);
  void unselect(const Transport& transport);
  /// The latest two are known: a restart overlaps with what it replaces.
  void add_ufrag(Transport& transport, const std::string& ufrag);
  /// At most limits::kIceRemoteCandidates of the latest for each transport.
  void add_checked(Transport& transport, const ice::Path& path);
  void remove(const Transport& transport);

 private:
  struct Entries {
    std::vector<std::string> ufrags;
    std::vector<ice::Path> checked;
    std::optional<ice::Path> selected;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  boost::unordered_flat_map<ice::Path, Transport*, std::hash<ice::Path>> selected_;
  boost::unordered_flat_map<ice::Path, Transport*, std::hash<ice::Path>> checked_;
  std::unordered_map<IpAddress, std::vector<Transport*>> at_;
  std::unordered_map<std::string, Transport*, TextHash, std::equal_to<>> ufrags_;
  std::unordered_map<const Transport*, Entries> entries_;
};

}  // namespace vis::media::sfu
