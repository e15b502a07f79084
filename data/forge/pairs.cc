#include "data/forge/pairs.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "data/forge/blend.h"
#include "engine/error.h"
#include "engine/rng.h"

namespace rc {
namespace {

struct Looks {
  Landmarks points;
  std::array<float, 3> colour;  // mean of the face
};

Looks looks_of(const Person& person) {
  const Mask face = hull_mask(person.face.width, person.points);
  Looks looks{person.points, {}};
  float area = 0;
  for (size_t i = 0; i < face.alpha.size(); ++i) {
    if (face.alpha[i] == 0) continue;
    ++area;
    for (size_t c = 0; c < 3; ++c) looks.colour[c] += float(person.face.rgb[i * 3 + c]);
  }
  for (float& value : looks.colour) value /= std::max(area, 1.0f);
  return looks;
}

// Mean distance of the landmarks in per cent of the crop's side, and of colours in grey levels, weighed
// alike.
float unlikeness(const Looks& a, const Looks& b, int size) {
  float shape = 0, colour = 0;
  for (size_t i = 0; i < a.points.size(); ++i) {
    const Point d = a.points[i] - b.points[i];
    shape += std::sqrt(d.x * d.x + d.y * d.y);
  }
  for (size_t c = 0; c < 3; ++c) colour += std::abs(a.colour[c] - b.colour[c]);
  return shape / float(a.points.size()) * 100 / float(size) + colour / 3 / 10;
}

std::vector<std::pair<int, int>> match(std::vector<int> group, const std::vector<Looks>& looks, int size) {
  std::vector<std::pair<int, int>> pairs;
  while (group.size() >= 2) {
    const int first = group.front();
    const auto partner = std::min_element(group.begin() + 1, group.end(), [&](int a, int b) {
      const Looks& own = looks[size_t(first)];
      return unlikeness(own, looks[size_t(a)], size) < unlikeness(own, looks[size_t(b)], size);
    });
    pairs.emplace_back(std::min(first, *partner), std::max(first, *partner));
    group.erase(partner);
    group.erase(group.begin());
  }
  std::ranges::sort(pairs);
  return pairs;
}

}  // namespace

std::array<SplitPairs, 3> pair_people(const std::vector<Person>& people, uint64_t seed) {
  const int total = int(people.size()) / 2;
  if (total < 3)
    throw Error(Exit::data, "a forged corpus needs at least 6 people",
                "there are " + std::to_string(people.size()), "prepare more portraits");
  std::vector<int> order(people.size());
  std::iota(order.begin(), order.end(), 0);
  Rng rng(seed, Purpose::forge, std::numeric_limits<uint32_t>::max());
  for (size_t i = order.size(); i-- > 1;) std::swap(order[i], order[rng.below(uint32_t(i + 1))]);

  std::vector<Looks> looks;
  for (const Person& person : people) looks.push_back(looks_of(person));
  const int val = std::max(1, int(std::lround(0.12 * total))),
            test = std::max(1, int(std::lround(0.18 * total)));
  std::array<SplitPairs, 3> splits{{{"train", {}}, {"val", {}}, {"test", {}}}};
  const int count[3] = {total - val - test, val, test};
  auto next = order.begin();
  for (size_t s = 0; s < 3; ++s) {
    splits[s].pairs = match({next, next + 2 * count[s]}, looks, people.front().face.width);
    next += 2 * count[s];
  }
  return splits;
}

}  // namespace rc
