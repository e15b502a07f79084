// Synthetic rows of the real-centric objective in plain double-precision loops: marginal rows extrapolated
// from their centre, and hard rows fused. Everything random is an argument.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "tests/reference/ops.h"

namespace rc::reference {

using Labels = std::span<const int>;  // [N] 0 real, 1 fake

// What the objective takes as constants: centres of natural faces and the queue of earlier fakes. Rows are
// numbered batch, queue.
struct Constants {
  int dim;
  Vector centres;              // [K, D]
  std::vector<int> centre_of;  // [N + queue] which centre a row has; empty: all the first
  Vector queue;                // [queue, D] unit rows, all of them fakes

  // One centre for all.
  Constants(Vector centre) : dim(int(centre.size())), centres(std::move(centre)) {}
  Constants(std::initializer_list<double> centre) : Constants(Vector(centre)) {}
  Constants(int d, Vector c, std::vector<int> of, Vector q = {})
      : dim(d), centres(std::move(c)), centre_of(std::move(of)), queue(std::move(q)) {}

  const double* centre(int row) const { return &centres[centre_of.empty() ? 0 : centre_of[row] * dim]; }
  // Row x of the batch z, or of the queue.
  const double* row(const Vector& z, int x) const {
    const size_t at = x * size_t(dim);
    return at < z.size() ? &z[at] : &queue[at - z.size()];
  }
};

// A row moved away from its centre c for lambda > 1, towards it below: normalise(c + lambda (z - c)); or on
// the great circle, c cos(lambda th) + e sin(lambda th) with th = acos(z.c) and e = normalise(z - (z.c) c).
// Where c is zero or sin th below 1e-4 there is no circle: the row itself.
struct HardPositive {
  int source;
  double lambda;
  bool geodesic = false;
};

// Fused rows: normalise(weight z_first + (1 - weight) z_second); first = centre puts the centre of z_second
// in the place of z_first (type 2). A sum shorter than 1e-4 gives a row of zeros, which is no key.
struct FusedNegative {
  static constexpr int centre = -1, everyone = -1;
  int first, second;
  double weight;
  int owner = everyone;  // the row of the batch that it is a key for
};

// The synthetic row [D], and what its gradient g [D] adds to dz [N, D]; nothing reaches the constants.
Vector synthetic(const HardPositive&, const Vector& z, const Constants&);
Vector synthetic(const FusedNegative&, const Vector& z, const Constants&);
void add_gradient(const HardPositive&, const Vector& z, const Constants&, const Vector& g, Vector& dz);
void add_gradient(const FusedNegative&, const Vector& z, const Constants&, const Vector& g, Vector& dz);

// How far an extrapolated row stays from the fakes' side: its cosine to the centre less the mean of the
// batch's fakes' to theirs. 1 without fakes, which is more than any.
double clearance(const HardPositive&, const Vector& z, Labels, const Constants&);

// The lambda to take. On the circle a lambda above 1 is lowered, but not below 1, so that lambda th is at
// most a right angle. A real then stays where it is (1) if it would land on the fakes' side.
double guarded_lambda(HardPositive, const Vector& z, Labels, const Constants&);

}  // namespace rc::reference
