//! A line without words, drawn by us: how a number went lately.

/// Its size in the page, in pixels of CSS.
const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 28.0;
/// What is left above and below the line.
const MARGIN: f64 = 2.0;

/// An SVG of these numbers, the latest at the right; what it shows is said beside it in words.
pub fn svg(numbers: &[f64]) -> String {
    let most = numbers.iter().copied().fold(1.0_f64, f64::max);
    let step = WIDTH / (numbers.len().max(2) - 1) as f64;
    let y = |number: f64| HEIGHT - MARGIN - (number / most) * (HEIGHT - 2.0 * MARGIN);
    let points: Vec<String> = numbers
        .iter()
        .enumerate()
        .map(|(at, number)| format!("{:.1},{:.1}", at as f64 * step, y(*number)))
        .collect();
    let line = points.join(" ");
    let right = numbers.len().saturating_sub(1) as f64 * step;
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">\
         <polygon points=\"0,{HEIGHT} {line} {right:.1},{HEIGHT}\"/>\
         <polyline points=\"{line}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_fits_its_frame() {
        let drawn = svg(&[0.0, 4.0, 2.0]);
        assert!(drawn.contains("<polyline points=\"0.0,26.0 60.0,2.0 120.0,14.0\"/>"), "{drawn}");
        assert!(svg(&[]).contains("<polyline points=\"\"/>"));
        assert!(svg(&[0.0; 2]).contains("0.0,26.0 120.0,26.0"));
    }
}
