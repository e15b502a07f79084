// Centres of natural faces and mining of the real-centric objective, in plain double-precision loops.
#pragma once

#include "tests/reference/synthesis.h"

namespace rc::reference {

// Centres of natural faces: [K, D], and which of them have had reals.
struct Centres {
  int dim;
  Vector at;
  std::vector<int> started;
};

// Where centres that have not started look for their first reals, farthest first: the direction of the reals'
// mean if none has started (the first real, if the mean is shorter than 1e-3), then each time the real
// farthest from its nearest centre so far, ties by index. Lowers `margin` to the least difference of cosines
// that a choice hung on.
Centres seed_centres(Centres, const Vector& z, Labels, double& margin);

// The centre of each row of z: the nearest, ties by index; `margin` as above, but for centres whose
// coordinates are the same to `same`. Or one a view, rows lying view after view.
std::vector<int> nearest_centres(const Centres&, const Vector& z, double& margin, double same = 0);
std::vector<int> centres_of_views(int rows, int views);

// Centres after a batch: normalise(a c + (1 - a) mean of its real z); the mean alone the first time. A centre
// without reals, or with a mean shorter than 1e-3, stays as it is.
Centres move_centres(Centres, const Vector& z, Labels, const std::vector<int>& centre_of, double a = 0.9);

// The same of one centre, not started where c is empty.
Vector update_centre(const Vector& c, const Vector& z, Labels, double a = 0.9);

// Rows from hard to easy, ties by index.
struct Ranked {
  int row;
  double score;
};

// All rows of a class by their cosine to their centre of natural faces: reals with the smallest first, fakes
// with the largest, those of the queue too if `queue`. The score is the cosine, negated for reals.
std::vector<Ranked> rank_by_centre(const Vector& z, Labels, const Constants&, int label, bool queue = false);

// All rows of the other class by their cosine to row i, largest first; those of the queue are fakes.
std::vector<Ranked> rank_neighbours(const Vector& z, Labels, const Constants&, int i);

// Marginal reals: the ceil(rho |R|) hardest. Hard fakes: the `count` hardest, or all.
std::vector<int> mine_positives(const Vector& z, Labels, const Constants&, double rho = 0.25);
std::vector<int> mine_negatives(const Vector& z, Labels, const Constants&, int count = 8);

}  // namespace rc::reference
