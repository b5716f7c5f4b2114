import Experiments
import Schema

exit(Tool.run(ProcessArguments.words).rawValue)
