import ModelDefs
import Plan
import Schema

/// Finds cross layers of low rank that are as large as ones of a full matrix, or larger.
enum InteractionRank {
  static func findings(_ plan: Plan) -> [Finding] {
    guard
      let projection = plan.parameters.first(where: {
        $0.name == Interaction.projection(layer: 0)
      }),
      projection.columns >= projection.rows
    else { return [] }
    let (width, rank) = (Format.count(projection.rows), Format.count(projection.columns))
    return [
      Finding(
        kind: .interactionRank, subject: "model.interaction",
        message: "model.interaction: the rank \(rank) is not below the \(width) columns that it"
          + " crosses, so that U·Vᵀ has more weights than a full matrix and no less freedom; take a"
          + " rank below \(Format.count((projection.rows + 1) / 2)), or leave it out")
    ]
  }
}
