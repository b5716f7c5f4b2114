enum PlanModuleStub {}
