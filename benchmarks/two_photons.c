/* The scalar algorithm of darkdump/kernels/photons.py in C, to measure the compiled kernel against.
   Planes are rows of 11 numbers as in darkdump/kernels/plane.py. */
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { Z, X, Y, RADIUS, HALF_WIDTH, HALF_HEIGHT, DIAGONAL, HOLE_X, HOLE_Y, HOLE_RADIUS, HOLE_HALF_SIDE };
enum { PHOTONS, E_MIN, E_MAX, EACH, SEPARATION };
#define SLACK 1.1

static bool inside(const double *p, double x, double y)
{
    double dx = fabs(x - p[X]), dy = fabs(y - p[Y]);
    if (dx > p[HALF_WIDTH] || dy > p[HALF_HEIGHT] || dx + dy > p[DIAGONAL]) return false;
    if (dx * dx + dy * dy > p[RADIUS] * p[RADIUS]) return false;
    double hx = fabs(x - p[HOLE_X]), hy = fabs(y - p[HOLE_Y]);
    if (hx * hx + hy * hy < p[HOLE_RADIUS] * p[HOLE_RADIUS]) return false;
    double half = p[HOLE_HALF_SIDE];
    return !(fmax(hx, hy) < half || hx + hy < half * sqrt(2.0));
}

static double extent(const double *p)
{
    double w = p[HALF_WIDTH], h = p[HALF_HEIGHT], d = p[DIAGONAL], corner;
    if (d >= w + h) corner = hypot(w, h);
    else corner = fmax(hypot(w, fmax(d - w, 0.0)), hypot(fmax(d - h, 0.0), h));
    return fmin(fmin(p[RADIUS], d), corner);
}

static void window(double mass, double energy, double distance, double reach, const double *cuts, double *low,
                   double *high)
{
    double beta = sqrt((energy - mass) * (energy + mass)) / energy;
    if (cuts[PHOTONS] < 2.0) {
        *low = fmax(0.0, (2.0 * cuts[E_MIN] / energy - 1.0) / beta);
        *high = 1.0;
        return;
    }
    *high = fmin(1.0, (1.0 - 2.0 * cuts[E_MIN] / energy) / beta);
    double ratio = SLACK * reach * energy / (mass * distance);
    ratio *= ratio;
    *high = fmin(*high, (ratio - 1.0) / (ratio + 1.0));
    double sine = SLACK * 2.0 * mass * distance / (energy * fmax(cuts[SEPARATION], 1e-12));
    *low = sine < 1.0 ? sqrt(1.0 - sine * sine) : 0.0;
}

static bool passes(double x, double y, double z, double e1, const double *p1, double e2, const double *p2,
                   const double *vetoes, size_t n_vetoes, const double *calorimeter, const double *cuts)
{
    if (p1[2] <= 0.0 || p2[2] <= 0.0) return false;
    bool in1 = cuts[E_MIN] <= e1 && e1 <= cuts[E_MAX], in2 = cuts[E_MIN] <= e2 && e2 <= cuts[E_MAX];
    if (in1 + in2 < cuts[PHOTONS]) return false;
    double sx1 = p1[0] / p1[2], sy1 = p1[1] / p1[2], sx2 = p2[0] / p2[2], sy2 = p2[1] / p2[2];
    double dz = calorimeter[Z] - z;
    double x1 = x + sx1 * dz, y1 = y + sy1 * dz, x2 = x + sx2 * dz, y2 = y + sy2 * dz;
    bool on1 = inside(calorimeter, x1, y1), on2 = inside(calorimeter, x2, y2);
    if ((on1 && in1) + (on2 && in2) < cuts[PHOTONS]) return false;
    if (cuts[EACH] > 0.0 && ((on1 && !in1) || (on2 && !in2))) return false;
    if (on1 && on2 && (x1 - x2) * (x1 - x2) + (y1 - y2) * (y1 - y2) < cuts[SEPARATION] * cuts[SEPARATION])
        return false;
    for (size_t k = 0; k < n_vetoes; k++) {
        double step = vetoes[2 * k] - z;
        if (step > 0.0) {
            double r2 = vetoes[2 * k + 1] * vetoes[2 * k + 1];
            double ax = x + sx1 * step, ay = y + sy1 * step, bx = x + sx2 * step, by = y + sy2 * step;
            if (ax * ax + ay * ay > r2 || bx * bx + by * by > r2) return false;
        }
    }
    return true;
}

void two_photons(double mass, size_t n, const double *energy, const double *slope, const double *points,
                 const double *origin, const double *azimuth, const double *volume, const double *vetoes,
                 size_t n_vetoes, const double *calorimeter, const double *cuts, double *tau, double *chance)
{
    double reach = extent(calorimeter), front = volume[1 + Z], length = volume[0] - volume[1 + Z];
    double fraction = azimuth[1] / (2.0 * M_PI);
    for (size_t i = 0; i < n; i++) {
        const double *u = points + 7 * i;
        tau[i] = 1.0;
        chance[i] = 0.0;
        if (energy[i] <= mass) continue;
        double momentum = sqrt((energy[i] - mass) * (energy[i] + mass));
        double phi = azimuth[0] + azimuth[1] * u[5];
        double pz = momentum / sqrt(1.0 + slope[i] * slope[i]);
        double px = pz * slope[i] * cos(phi), py = pz * slope[i] * sin(phi);
        double z = front + length * u[2];
        double path = (z - origin[2]) / pz;
        double x = origin[0] + px * path, y = origin[1] + py * path;
        if (!inside(volume + 1, x, y)) continue;
        double distance = calorimeter[Z] - z, along = distance / pz;
        double dx = x + px * along - calorimeter[X], dy = y + py * along - calorimeter[Y];
        double off = sqrt(dx * dx + dy * dy);
        if (cuts[PHOTONS] > 1.5 && off > reach) continue;
        double low, high;
        window(mass, energy[i], distance, reach + off, cuts, &low, &high);
        if (low >= high) continue;
        double c = low + (high - low) * u[3], turn = 2.0 * M_PI * u[4];
        double pt2 = px * px + py * py, p = sqrt(pt2 + pz * pz), e = sqrt(pt2 + pz * pz + mass * mass);
        double e1 = 0.5 * (e + p * c), parallel = 0.5 * (p + e * c);
        double across = 0.5 * mass * sqrt(fmax(0.0, 1.0 - c * c));
        double ax = across * cos(turn), ay = across * sin(turn);
        double nx = px / p, ny = py / p, nz = pz / p, s = (nx * ax + ny * ay) / (1.0 + nz);
        double p1[3] = {ax + nx * (parallel - s), ay + ny * (parallel - s), nz * parallel - (nx * ax + ny * ay)};
        double p2[3] = {px - p1[0], py - p1[1], pz - p1[2]};
        if (passes(x, y, z, e1, p1, e - e1, p2, vetoes, n_vetoes, calorimeter, cuts)) {
            tau[i] = path * mass;
            chance[i] = fraction * length * mass / pz * (high - low);
        }
    }
}
