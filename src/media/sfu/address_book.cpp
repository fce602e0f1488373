#include "media/sfu/address_book.hpp"

#include <algorithm>

#include "base/limits/media_ice.hpp"

namespace vis::media::sfu {
namespace {

constexpr std::size_t kUfragsPerTransport = 2;

template <typename Map, typename Key>
Transport* look_up(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

/// Removes the entry only while it is this transport's: another may have taken the key over.
template <typename Map, typename Key>
void remove_own(Map& map, const Key& key, const Transport* owner) {
  const auto found = map.find(key);
  if (found != map.end() && found->second == owner) map.erase(found);
}

}  // namespace

Transport* AddressBook::by_selected(const ice::Path& path) const {
  return look_up(selected_, path);
}
Transport* AddressBook::by_ufrag(std::string_view local_ufrag) const {
  return look_up(ufrags_, local_ufrag);
}
Transport* AddressBook::by_checked(const ice::Path& path) const { return look_up(checked_, path); }

std::span<Transport* const> AddressBook::at(const IpAddress& ip) const {
  const auto found = at_.find(ip);
  if (found == at_.end()) return {};
  return found->second;
}

void AddressBook::select(Transport& transport, const ice::Path& path) {
  if (by_selected(path) == &transport) return;
  unselect(transport);
  selected_[path] = &transport;
  entries_[&transport].selected = path;
  at_[path.remote.ip].push_back(&transport);
}

void AddressBook::unselect(const Transport& transport) {
  Entries& entries = entries_[&transport];
  if (!entries.selected) return;
  remove_own(selected_, *entries.selected, &transport);
  const auto neighbours = at_.find(entries.selected->remote.ip);
  std::erase(neighbours->second, &transport);
  if (neighbours->second.empty()) at_.erase(neighbours);
  entries.selected.reset();
}

void AddressBook::add_ufrag(Transport& transport, const std::string& ufrag) {
  std::vector<std::string>& own = entries_[&transport].ufrags;
  if (own.size() == kUfragsPerTransport) {
    remove_own(ufrags_, own.front(), &transport);
    own.erase(own.begin());
  }
  own.push_back(ufrag);
  ufrags_[ufrag] = &transport;
}

void AddressBook::add_checked(Transport& transport, const ice::Path& path) {
  checked_[path] = &transport;
  std::vector<ice::Path>& own = entries_[&transport].checked;
  if (std::ranges::find(own, path) != own.end()) return;
  if (own.size() == limits::kIceRemoteCandidates) {
    remove_own(checked_, own.front(), &transport);
    own.erase(own.begin());
  }
  own.push_back(path);
}

void AddressBook::remove(const Transport& transport) {
  unselect(transport);
  const auto found = entries_.find(&transport);
  const Entries& entries = found->second;
  for (const std::string& ufrag : entries.ufrags) remove_own(ufrags_, ufrag, &transport);
  for (const ice::Path& path : entries.checked) remove_own(checked_, path, &transport);
  entries_.erase(found);
}

}  // namespace vis::media::sfu
