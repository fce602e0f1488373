#include "app/config/nearest.hpp"

#include <algorithm>
#include <vector>

#include "base/assert.hpp"

namespace vis::app {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: row i holds the distances from the first i characters of `a`.
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> previous(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t k = 0; k <= b.size(); ++k) previous[k] = k;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      const std::size_t replaced = previous[k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
      current[k] = std::min({previous[k] + 1, current[k - 1] + 1, replaced});
      if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) {
        current[k] = std::min(current[k], before[k - 2] + 1);
      }
    }
    before.swap(previous);
    previous.swap(current);
  }
  return previous[b.size()];
}

const std::string& nearest(std::string_view word, std::span<const std::string> known) {
  VIS_ASSERT(!known.empty());
  return *std::ranges::min_element(
      known, {}, [word](const std::string& candidate) { return edit_distance(word, candidate); });
}

}  // namespace vis::app
